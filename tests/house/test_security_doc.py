"""docs/security.md promises a test for each threat: the tests are there, and every door has its threats."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOLD = (ROOT / "docs" / "security.md").read_text()
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
DOORS = (
    "The front door",
    "The API",
    "The stream",
    "Media",
    "What the service fetches",
    "Webhooks out",
    "Administration",
)
STRIDE = set("STRIDE")


def rows(door: str) -> list[list[str]]:
    section = TOLD.split(f"## {door}\n", 1)[1].split("\n## ", 1)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return cells[2:]


def test_every_test_that_is_named_is_there() -> None:
    named = NAMED.findall(TOLD)
    assert len(named) > 60
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / file).exists() or (test and not re.search(rf"def {test}\b", (ROOT / file).read_text()))
    ]
    assert missing == []


def test_every_threat_has_a_kind_a_defence_and_a_test() -> None:
    for door in DOORS:
        found = rows(door)
        assert len(found) >= 5, door
        for kinds, threat, defence, proof in found:
            assert set(kinds.replace(" ", "")) <= STRIDE, threat
            assert kinds, threat
            assert threat, door
            assert defence, threat
            assert NAMED.search(proof), threat


def test_every_kind_of_threat_was_thought_of_at_every_door() -> None:
    for door in DOORS:
        assert {kind for kinds, *_ in rows(door) for kind in kinds.replace(" ", "")} == STRIDE, door
