"""The page of all that was measured."""

import shutil
from pathlib import Path

import pytest
from bench.kit import Given, Reach, Report, Rounds
from bench.summary import write

MEASURED = Path(__file__).parents[2] / "docs" / "measured"


def test_it_tells_each_reach_once_and_leaves_other_files_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other.json").write_text('{"command": "something else"}')
    (tmp_path / "list.json").write_text("[1]")
    rounds = Rounds({"ours": [{"per_s": 1234.0}, {"per_s": 1000.0}]})
    reaches = [Reach("ours", "per_s", at_least=1100), Reach("ours", "p99_ms", at_most=3)]
    Report("some", "So many", rounds, reaches, "per_s", "a second").write(Given(2, 1.5, tmp_path))
    page = write(tmp_path).read_text()
    assert "| [some](some.md) | per_s of ours | ≥ 1100 | 1,117 [1,000..1,234] | yes |\n" in page
    assert "| [some](some.md) | p99_ms of ours | ≤ 3 | - | no |\n" in page
    assert "![](some.svg)" in page
    assert "other" not in page


def test_the_page_in_the_docs_is_that_of_the_reports_beside_it(tmp_path: Path) -> None:
    """Written anew by `python -m bench.summary --results docs/measured`."""
    for report in MEASURED.glob("*.json"):
        shutil.copy(report, tmp_path)
    assert (MEASURED / "README.md").read_text() == write(tmp_path).read_text()
