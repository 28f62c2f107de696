"""Each rule end to end: a real cause, the incident, a letter that comes in, the cause removed, and the word that it is
over."""

import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from reelhook.jobs.kinds import CountHours
from reelhook.monitoring.rules import RULES
from reelhook.monitoring.rules.rule import Rule
from reelhook.work import spare
from tests.archive.host import running_host
from tests.mail import Delivered, MailServer, mail_server
from tests.monitoring.causes import CAUSES
from tests.monitoring.world import SITE, World

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
async def world(tmp_path: Path, prepared_file: Path, mail: MailServer) -> AsyncIterator[World]:
    shutil.copy(prepared_file, tmp_path / "reelhook.db")
    mail.delivered.clear()
    async with running_host() as outside:
        world = World(tmp_path, outside, mail)
        await world.open()
        yield world
        await world.close()


def test_every_rule_has_a_cause() -> None:
    assert set(CAUSES) == set(RULES)


@pytest.mark.usefixtures("configured_logs")
@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
async def test_a_cause_is_noticed_told_and_its_end_too(rule: Rule, world: World) -> None:
    await world.look()
    async with asynccontextmanager(CAUSES[rule.name])(world) as severity:
        for _ in range(rule.evaluations):
            assert not await world.incidents(rule.name), "it was noticed too early"
            await world.look()
        (incident,) = await world.incidents(rule.name)
        assert (incident["state"], incident["severity"]) == ("open", severity), incident["says"]
        assert (ROOT / incident["runbook"]).is_file()
        await world.look()  # of the same nobody is told twice
        (letter,) = _about(rule, await world.letters())
        assert letter.letter["Subject"] == rule.title
        assert incident["says"] in letter.text()
        assert f"{SITE}/health/incidents/{incident['id']}" in letter.text()
    for _ in range(rule.evaluations):
        (incident,) = await world.incidents(rule.name)
        assert incident["state"] == "open", "it ended too early"
        await world.look()
    (incident,) = await world.incidents(rule.name)
    assert incident["state"] == "resolved"
    (letter,) = _about(rule, await world.letters())
    assert letter.letter["Subject"] == f"{rule.title}: it is over"


async def test_that_there_is_no_worker_is_told_without_one(world: World) -> None:
    rule, watch, tell = RULES["worker_missing"], world.parts.alerts.watch, spare(world.parts)
    await world.wants(CountHours())
    world.passes(minutes=4)
    assert await watch.look(tell)
    (letter,) = _about(rule, world.mail.delivered)
    await world.look()
    (incident,) = await world.incidents(rule.name)
    assert incident["state"] == "open", "whoever tells is no worker"
    assert f"{SITE}/health/incidents/{incident['id']}" in letter.text()


def _about(rule: Rule, letters: Sequence[Delivered]) -> list[Delivered]:
    """One cause may have several rules speak; each is asked for its own."""
    return [one for one in letters if str(one.letter["Subject"]).startswith(rule.title)]
