"""The house rules that a linter does not know."""

import ast
from pathlib import Path

import pytest

import reelhook

HOUSE = Path(reelhook.__file__).parent
MOST_LINES = 300
# Made by Alembic: one revision describes all of a schema, and is never edited after its release.
GENERATED = HOUSE / "db" / "migrations" / "versions"
FILES = sorted(path for path in HOUSE.rglob("*.py") if GENERATED not in path.parents)
ROOMS = sorted(path.parent for path in HOUSE.rglob("__init__.py"))
NO_NAMES = {"utils", "helpers", "common", "manager", "misc"}


def name(path: Path) -> str:
    return str(path.relative_to(HOUSE))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_no_file_is_too_long(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("room", ROOMS, ids=name)
def test_every_room_says_what_it_is_for(room: Path) -> None:
    said = ast.get_docstring(ast.parse((room / "__init__.py").read_text()))
    assert said
    assert said.splitlines()[0].endswith(".")


@pytest.mark.parametrize("path", FILES, ids=name)
def test_files_are_named_by_their_idea(path: Path) -> None:
    assert not NO_NAMES & {path.stem, path.parent.name}
