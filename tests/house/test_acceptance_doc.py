"""docs/acceptance.md is a list of scripts that people follow, and each of them is a test in a browser."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOLD = (ROOT / "docs" / "acceptance.md").read_text()
SCENARIO = re.compile(
    r"^### ([BOV])(\d+)\. .+\nTest: `(tests/browser/test_\w+\.py)::(test_\w+)`\n((?:(?!^##).*\n)+)", re.M
)
OWN = re.compile(r"^def (test_([bov]\d+)_\w+)\(", re.M)
KINDS = {"B": "builder", "O": "operator", "V": "viewer"}


def test_every_scenario_has_its_test_and_every_step_its_result() -> None:
    found = SCENARIO.findall(TOLD)
    assert len(found) == TOLD.count("\n### "), "each begins with its number and its test"
    for kind, number, file, test, steps in found:
        assert re.search(rf"^def {test}\b", (ROOT / file).read_text(), re.M), test
        for step in re.split(r"^\d+\. ", steps, flags=re.M)[1:]:
            assert "→" in step, f"{kind}{number}: what is seen? {step}"


def test_scenarios_are_numbered_one_by_one() -> None:
    for kind in KINDS:
        numbers = [int(number) for one, number, *_ in SCENARIO.findall(TOLD) if one == kind]
        assert numbers == list(range(1, len(numbers) + 1))


def test_every_test_that_was_made_for_a_scenario_is_named_by_it() -> None:
    named = {(kind + number, test) for kind, number, _, test, _ in SCENARIO.findall(TOLD)}
    for who in KINDS.values():
        own = OWN.findall((ROOT / "tests" / "browser" / f"test_acceptance_{who}.py").read_text())
        assert own
        for test, number in own:
            assert (number.upper(), test) in named
