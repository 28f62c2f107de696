"""What measurements share: turns, ratios within a round, and the report."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bench.kit import Given, Reach, Report, Rounds, take_turns
from bench.kit.rounds import Figures, Unreliable


def test_ways_take_turns_and_a_round_that_cannot_be_believed_is_left_out() -> None:
    called = []

    def good() -> Figures:
        called.append("good")
        return {"per_s": 10.0}

    def bad() -> Figures:
        called.append("bad")
        if len(called) == 2:
            raise Unreliable("the generator was too slow")
        return {"per_s": 5.0}

    rounds = take_turns({"good": good, "bad": bad}, 2)
    assert called == ["good", "bad"] * 2
    assert rounds.unreliable == ["bad, round 1: the generator was too slow"]
    ratio = rounds.ratio("good", "bad", "per_s")
    assert ratio is not None
    assert ratio.rounds == (2.0,)


def test_a_ratio_is_taken_within_each_round() -> None:
    """The machine became three times slower, and the ratio does not notice."""
    rounds = Rounds(
        {"ours": [{"ms": 30.0}, {"ms": 60.0}, {"ms": 90.0}], "bare": [{"p": 10.0}, {"p": 20.0}, {"p": 45.0}]}
    )
    ratio = rounds.ratio("ours", "bare", "ms", "p")
    assert ratio is not None
    assert (ratio.least, ratio.median, ratio.most) == (2, 3, 3)


@pytest.mark.parametrize(("reach", "met"), [({"at_least": 2}, True), ({"at_least": 3}, False), ({"at_most": 1}, False)])
def test_a_reach_is_met_by_the_median(reach: dict[str, float], met: bool) -> None:
    rounds = Rounds({"ours": [{"per_s": 5.0}, None], "bare": [{"per_s": 2.0}, None]})
    one = Reach("ours", "per_s", "bare", **reach)
    assert one.met(one.of(rounds)) is met


def test_a_report_is_a_document_a_table_and_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rounds = Rounds({"ours": [{"per_s": 1234.0}, {"per_s": 1000.0}], "<bare>": [None, None]}, ["<bare>: nothing"])
    report = Report("some", "So many", rounds, [Reach("ours", "per_s", "<bare>", at_least=0.5)], "per_s", "a second")
    report.write(Given(2, 1.5, tmp_path))
    told = json.loads((tmp_path / "some.json").read_text())
    assert told["command"] == "python -m bench.some --rounds 2 --seconds 1.5"
    assert told["ways"]["ours"]["per_s"]["rounds"] == [1234.0, 1000.0]
    assert told["reaches"][0]["met"] is False
    assert told["machine"]["cores"] > 0
    table = (tmp_path / "some.md").read_text()
    assert "| ours | 1,117 [1,000..1,234] |" in table
    assert "Not believed: <bare>: nothing" in table
    assert table in capsys.readouterr().out
    picture = ElementTree.fromstring((tmp_path / "some.svg").read_text())
    assert "1,117" in [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
