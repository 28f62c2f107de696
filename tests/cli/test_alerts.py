"""What `reelhook alerts` prints for a person. (What it asks for is tested with a real service, in tests/e2e.)"""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from reelhook.cli import alerts as command
from reelhook.errors import NotFound

INCIDENT = {
    "id": "i1",
    "rule": "disk_full",
    "title": "A disk is nearly full",
    "severity": "critical",
    "state": "open",
    "drill": True,
    "says": "96 %",
    "opened_at": "2026-11-22T12:00:00.000Z",
}


def said(monkeypatch: pytest.MonkeyPatch, answer: Any, *words: str) -> str:
    monkeypatch.setattr(command, "call", lambda *_: answer)
    monkeypatch.setenv("COLUMNS", "200")
    done = CliRunner().invoke(command.alerts, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def test_incidents_are_a_table_and_none_is_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "disk_full (drill)" in said(monkeypatch, {"data": [INCIDENT]}, "list")
    assert said(monkeypatch, {"data": []}, "list") == "nothing is wrong\n"
    assert said(monkeypatch, {"data": []}, "list", "--state", "resolved") == "nothing was wrong\n"
    assert json.loads(said(monkeypatch, {"data": [INCIDENT]}, "list", "--json")) == [INCIDENT]


def test_rules_are_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = {"name": "disk_full", "state": "calm", "value": 41.0, "threshold": 90, "unit": "percent", "says": "fine"}
    assert "41.0" in said(monkeypatch, {"data": [rule]}, "rules")
    assert json.loads(said(monkeypatch, {"data": [rule]}, "rules", "--json")) == [rule]


def test_a_drill_says_that_it_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch, INCIDENT, "drill", "disk_full") == "i1 DRILL open: A disk is nearly full: 96 %\n"


async def test_the_drill_that_is_under_way_is_ended() -> None:
    asked: list[tuple[str, str]] = []

    class Api:
        async def call(self, method: str, path: str) -> Any:
            asked.append((method, path))
            return {"data": [INCIDENT]} if method == "GET" else INCIDENT | {"state": "resolved"}

    assert (await command._end(Api(), "disk_full"))["state"] == "resolved"  # type: ignore[arg-type]
    root = "/api/v1/incidents"
    assert asked == [("GET", f"{root}?state=open&drill=true&rule=disk_full"), ("POST", f"{root}/i1/resolve")]


async def test_what_is_not_under_way_cannot_end() -> None:
    class Nothing:
        async def call(self, *_: Any) -> Any:
            return {"data": []}

    with pytest.raises(NotFound, match="no drill of disk_full is under way"):
        await command._end(Nothing(), "disk_full")  # type: ignore[arg-type]
