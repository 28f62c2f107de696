"""docs/logs.md tells every field of every line, and the setting of levels knows every part that logs."""

import re
from pathlib import Path

from scripts.line_table import BETWEEN, PAGE, tables

import reelhook
from reelhook.setting_types import ROOMS
from reelhook.settings import PREFIX, Settings

HOUSE = Path(reelhook.__file__).parent
TEXTS = {path: path.read_text() for path in HOUSE.rglob("*.py")}


def test_the_tables_are_those_of_the_code() -> None:
    found = BETWEEN.search(PAGE.read_text())
    assert found is not None
    assert found[0] == f"<!-- lines -->\n{tables()}<!-- /lines -->", "run: python scripts/line_table.py"


def test_every_setting_is_explained() -> None:
    told = set(re.findall(rf"`{PREFIX}(LOG_\w+)`", PAGE.read_text()))
    assert told == {name.upper() for name in Settings.model_fields if name.startswith("log_")}


def test_every_part_that_logs_can_have_a_level_of_its_own() -> None:
    made = {name for text in TEXTS.values() for name in re.findall(r'\blogs\.get\("(\w+)"\)', text)}
    assert made | {"logs"} == set(ROOMS)


def test_ids_have_the_same_name_in_every_line() -> None:
    """`grep` finds a story only by names that are the same everywhere."""
    short = re.compile(r"\blog\.(?:debug|info|warning|error|critical)\([^)]*?\b(?:video|job|event|delivery)=")
    assert [str(path) for path, text in TEXTS.items() if short.search(text)] == []
