"""What the operators' page says of each kind of work is what the code does."""

from pathlib import Path

from reelhook.jobs.kinds import KINDS, stays_dead

PAGE = Path(__file__).parents[2] / "docs" / "dead-letters.md"


def retries() -> dict[str, str]:
    """What the page says that a retry does, by kind."""
    rows = [line.split("|") for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    return {cells[1].strip(" `"): cells[3].strip() for cells in rows}


def test_the_page_about_dead_letters_names_every_kind_and_says_which_cannot_be_repeated() -> None:
    said = retries()
    assert sorted(said) == sorted(KINDS)
    assert {kind: words.startswith("not possible: ") for kind, words in said.items()} == {
        kind: stays_dead(kind) is not None for kind in KINDS
    }
