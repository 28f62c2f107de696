"""The reference is whole and true: made from the code, it tells of everything there is and of nothing else."""

import re
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest
from scripts.reference import alerts_page, api_page, code_words, codes_page, events_page, pictures, settings_page
from scripts.reference.__main__ import DOCS, pages

from reelhook.cli.main import COMMANDS
from reelhook.events import EVENT_TYPES
from reelhook.inbox.reasons import REASONS
from reelhook.jobs.states import State as JobState
from reelhook.metrics import DELIVERIES
from reelhook.monitoring.rules import RULES
from reelhook.notify.channels.webhook.types import NOTIFICATION_TYPES, TEST, VIDEO_TYPES
from reelhook.realtime.goodbyes import Reason
from reelhook.settings import OTHER_VARIABLES, PREFIX, Settings
from reelhook.videos.states import FINAL, WAYS, State, allowed
from tests.locked import differing

HOUSE = Path(codes_page.HOUSE)
OF_ONE_COMMAND = {"KEY"}
OF_TESTS = {"NGINX", "REDIS_SERVER"}


def shown(name: str) -> str:
    return (DOCS / "reference" / f"{name}.md").read_text()


async def test_every_page_and_picture_is_that_of_the_code() -> None:
    made = dict(await pages())
    if differing("typer"):
        del made["reference/commands.md"]  # its words are typer's, and other versions write them otherwise
    for name, text in made.items():
        assert (DOCS / name).read_text() == text, f"{name}: run `make reference`"


def test_every_setting_is_told_once() -> None:
    told = Counter(name for names in settings_page.CHAPTERS.values() for name in names)
    assert set(told) == set(Settings.model_fields)
    assert max(told.values()) == 1
    named = set(re.findall(rf"{PREFIX}(\w+)", shown("settings")))
    assert {name.upper() for name in Settings.model_fields} | OTHER_VARIABLES <= named


def test_every_setting_that_any_page_names_exists() -> None:
    known = {name.upper() for name in Settings.model_fields} | OTHER_VARIABLES | {"STORE"} | OF_ONE_COMMAND | OF_TESTS
    known |= {f"{name}_FILE" for name in known}
    strange = {
        f"{page.name}: {PREFIX}{name}"
        for page in [*DOCS.rglob("*.md"), DOCS.parent / "README.md"]
        for name in re.findall(rf"\b{PREFIX}([A-Z][A-Z_]*[A-Z])\b", page.read_text())
        if name not in known
    }
    assert strange == set()


def test_every_command_is_told_with_those_inside_it() -> None:
    told = re.findall(r"^##+ reelhook (.+)$", shown("commands"), re.M)
    assert [name for name in told if " " not in name] == list(COMMANDS)
    assert {"jobs retry", "keys create", "people create", "alerts drill"} <= set(told)
    assert "--dry-run" in shown("commands")


def test_every_error_code_has_its_words_and_only_once() -> None:
    told = Counter(code for words in code_words.CHAPTERS.values() for code in words)
    assert set(codes_page.catalogue()) - set(told) - set(REASONS) == set()
    assert set(told) - set(codes_page.catalogue()) == set(), "words for codes that nobody says"
    assert [code for code, times in told.items() if times > 1] == []
    assert all(f"`{code}` |" in shown("codes") for code in {*told, *REASONS})


def test_a_code_that_is_said_plainly_is_found() -> None:
    known = codes_page.catalogue()
    assert known["origin_not_allowed"].statuses == {403}
    assert known["worker_died"].statuses == set()
    assert known["database_unavailable"].again == {True}


def test_every_type_of_event_is_told() -> None:
    assert set(events_page.MESSAGES) == {*VIDEO_TYPES, *NOTIFICATION_TYPES, TEST}
    page = shown("events")
    assert all(f"`{name}`" in page for name in [*EVENT_TYPES, *events_page.MESSAGES, *Reason])


def test_every_event_of_the_stream_is_told() -> None:
    made = set()
    for path in (HOUSE / "realtime").rglob("*.py"):
        made |= set(re.findall(r'passing\(\s*"([\w.]+)"', path.read_text()))
    assert made
    made |= {"video.updated", "notification", "resync", "video.progress"}
    assert made == set(events_page.FRAMES)


def test_every_rule_and_every_alert_is_told() -> None:
    page = shown("alerts")
    names = [name for name, *_ in alerts_page.alerts()]
    assert len(names) > 8
    assert all(name in page for name in names)
    assert all(f"[`{name}`](../runbooks/{name}.md)" in page for name in RULES)


async def test_every_operation_is_told() -> None:
    told = set(re.findall(r"^### ([A-Z]+ /\S*)$", shown("api"), re.M))
    paths = (await api_page.document())["paths"]
    assert told == {f"{method.upper()} {path}" for path, operations in paths.items() for method in operations}


def test_metrics_have_a_page_of_their_own() -> None:
    assert f"`{DELIVERIES.describe()[0].name}_total`" in (DOCS / "metrics.md").read_text()


def test_the_picture_of_a_video_shows_every_way_and_no_other() -> None:
    svg = pictures.VIDEO.svg()
    drawn = set(re.findall(r"<title>(\w+) → (\w+)</title>", svg))
    assert drawn == {(one, other) for one, others in WAYS.items() for other in others}
    assert set(pictures.VIDEO.places) == set(State)
    assert pictures.VIDEO.final == {state for state, by in FINAL if by is None}
    assert all(allowed(State(one), None, State(other)) for one, other in drawn)


def test_the_picture_of_a_job_shows_every_state() -> None:
    assert set(pictures.JOB.places) == set(get_args(JobState))


def test_a_way_to_nowhere_cannot_be_drawn() -> None:
    lost = pictures.JOB.__class__("x", {"a": (0, 0)}, [("a", "b")], {}, frozenset())
    with pytest.raises(KeyError):
        lost.svg()
