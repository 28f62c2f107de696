"""docs/promises.md has the ten promises, and the tests that it names behind each are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOLD = (ROOT / "docs" / "promises.md").read_text()
TEST = re.compile(r"^- `(tests/[\w/]+\.py)::(test_\w+)`$", re.M)


def promises() -> dict[str, str]:
    """Each with what stands under it."""
    _, *sections = re.split(r"^## (P\d+)\n", TOLD, flags=re.M)
    return dict(zip(sections[::2], sections[1::2], strict=True))


def test_there_are_ten_and_each_has_tests() -> None:
    assert list(promises()) == [f"P{number}" for number in range(1, 11)]
    assert all(len(TEST.findall(text)) >= 2 for text in promises().values())


def test_every_test_that_is_named_is_there() -> None:
    named = TEST.findall(TOLD)
    assert len(named) == TOLD.count("::test_")
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / file).exists() or not re.search(rf"def {test}\b", (ROOT / file).read_text())
    ]
    assert missing == []
