"""From the question to the letter box: the whole service in this process, and a real SMTP server beside it."""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from reelhook.app import Service
from reelhook.auth import local_admin
from reelhook.auth.refusals import LinkUnusable
from reelhook.auth.sign_in import Browser
from reelhook.db.tables import audit, job_attempts, jobs, sign_in_links
from reelhook.jobs.kinds import MailLink
from reelhook.notify.channels.email.errors import MailNotSetUp
from reelhook.settings import Settings
from reelhook.work import mailing
from tests.conftest import eventually
from tests.mail import MailServer, mail_server
from tests.servers import database_url, postgres, prepared_file

__all__ = ["database_url", "postgres", "prepared_file"]

PASSWORD, NEW = "correct horse battery", "a quite new password"
HERE = Browser("192.0.2.7", None)
BY = local_admin()


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def settings(mail: MailServer, database_url: str, tmp_path: Path) -> Settings:
    stores = f"local:{tmp_path / 'media'}"
    here = {"public_url": "https://reel.example.com", "smtp_url": mail.url, "mail_from": "Reelhook <reel@example.com>"}
    here |= {"secret_key": "a key for these tests"}
    return Settings(database_url=database_url, stores=stores, drain_s=0, **here)


@pytest.fixture
async def service(settings: Settings) -> AsyncIterator[Service]:
    running = Service(settings)
    running.start()
    await eventually(running.opened.is_set)
    yield running
    await running.stop()


async def rows(service: Service, table: Any) -> list[Any]:
    return await service.parts.db.read(lambda conn: list(conn.execute(select(table))))


async def mail_jobs(service: Service) -> list[Any]:
    return [job for job in await rows(service, jobs) if job.kind == "mail_link"]


async def states(service: Service) -> list[str]:
    return [job.state for job in await mail_jobs(service)]


async def all_done(service: Service, jobs: int) -> bool:
    return await states(service) == ["done"] * jobs


async def test_an_invitation_is_mailed_and_brings_somebody_in(service: Service, mail: MailServer) -> None:
    access = service.parts.access
    row, made = await access.invitations.invite(BY, "bo@example.com", "viewer")
    await eventually(lambda: bool(mail.delivered))
    letter = mail.delivered[0]
    assert (letter.to, letter.sender, made.token) == (["bo@example.com"], "reel@example.com", None)
    assert letter.link.startswith("https://reel.example.com/sign-in#link=")
    done = await access.sign_in.by_link(letter.token, None, PASSWORD, HERE)
    assert done.principal.id == row.id

    async def told() -> bool:
        return "person.mail" in [entry.action for entry in await rows(service, audit)]

    await eventually(told)
    work = str([await rows(service, table) for table in (jobs, job_attempts)])
    assert "bo@example.com" not in work
    assert letter.token not in work + str([await rows(service, table) for table in (audit, sign_in_links)])


async def test_a_forgotten_password_is_chosen_anew_by_mail(service: Service, mail: MailServer) -> None:
    access = service.parts.access
    await access.people.create(BY, "bo@example.com", "viewer", PASSWORD)
    for expected in (1, 2):
        assert await access.resets.ask("BO@example.com ", HERE.remote) is True
        await eventually(partial(all_done, service, expected), what="the letter")
    first, second = (letter.token for letter in mail.delivered)
    with pytest.raises(LinkUnusable):
        await access.sign_in.by_link(first, None, NEW, HERE)
    assert (await access.sign_in.by_link(second, None, NEW, HERE)).principal.name == "bo@example.com"


async def test_who_is_invited_again_while_a_letter_is_under_way_gets_another_that_works(
    settings: Settings, mail: MailServer
) -> None:
    quiet = Service(settings, works=False)
    quiet.start()
    await eventually(quiet.opened.is_set)
    access = quiet.parts.access
    row, _ = await access.invitations.invite(BY, "bo@example.com", "viewer")
    await mailing(quiet.parts)(MailLink(person_id=row.id, purpose="invitation"))  # sent, and its job not settled yet
    await access.invitations.again(BY, row.id)
    assert await states(quiet) == ["available"] * 2
    await mailing(quiet.parts)(MailLink(person_id=row.id, purpose="invitation"))
    with pytest.raises(LinkUnusable):
        await access.sign_in.by_link(mail.delivered[0].token, None, PASSWORD, HERE)
    await access.sign_in.by_link(mail.delivered[1].token, None, PASSWORD, HERE)
    await quiet.stop()


async def test_nothing_is_sent_to_nobody_and_the_job_is_done(service: Service, mail: MailServer) -> None:
    access = service.parts.access
    await access.people.create(BY, "out@example.com", "viewer", None)
    gone = await access.people.create(BY, "gone@example.com", "viewer", PASSWORD)
    await access.people.change(BY, gone.id, disabled=True)
    for email in ("nobody@example.com", "out@example.com", "gone@example.com"):
        await access.resets.ask(email, HERE.remote)

    await eventually(partial(all_done, service, 3))
    assert mail.delivered == []
    assert await rows(service, sign_in_links) == []


async def test_what_is_withdrawn_or_accepted_before_it_was_sent_is_not_sent(
    settings: Settings, mail: MailServer
) -> None:
    """The handler alone: no worker runs, so that what happens meanwhile has happened for sure."""
    quiet = Service(settings, works=False)
    quiet.start()
    await eventually(quiet.opened.is_set)
    access, handler = quiet.parts.access, mailing(quiet.parts)
    withdrawn, _ = await access.invitations.invite(BY, "a@example.com", "viewer")
    await access.invitations.withdraw(BY, withdrawn.id)
    await access.people.change(BY, withdrawn.id, disabled=False)
    come, _ = await access.invitations.invite(BY, "b@example.com", "viewer")
    handed = await access.invitations.again(BY, come.id, hand_over=True)
    assert await handler(MailLink(person_id=come.id, purpose="invitation")) is not None
    await access.sign_in.by_link(handed.token or "", None, PASSWORD, HERE)  # a link that was handed over still works
    for person in (withdrawn, come):
        assert await handler(MailLink(person_id=person.id, purpose="invitation")) is None
    assert [letter.to for letter in mail.delivered] == [["b@example.com"]]
    await quiet.stop()


async def test_a_refusal_for_good_is_a_dead_letter_at_once_and_one_for_now_is_tried_again(
    service: Service, mail: MailServer
) -> None:
    access = service.parts.access
    mail.answers = ["550 no such user"]
    await access.invitations.invite(BY, "bo@example.com", "viewer")

    async def dead() -> bool:
        return await states(service) == ["dead"]

    await eventually(dead)
    (job,) = await mail_jobs(service)
    assert (job.error["code"], job.attempts) == ("mail_refused", 1)
    mail.answers = ["451 later"]
    await access.invitations.invite(BY, "ada@example.com", "viewer")

    async def retryable() -> bool:
        return "retryable" in await states(service)

    await eventually(retryable)
    soon = update(jobs).where(jobs.c.state == "retryable").values(run_at=service.parts.clock.now())
    await service.parts.db.write(lambda tx: tx.execute(soon))
    await eventually(lambda: [letter.to for letter in mail.delivered] == [["ada@example.com"]])


async def test_without_a_mail_server_or_an_address_of_our_own_no_job_is_made(tmp_path: Path, mail: MailServer) -> None:
    for missing in ({"smtp_url": mail.url}, {"public_url": "https://reel.example.com"}):
        url = f"sqlite:///{tmp_path / next(iter(missing))}.db"
        quiet = Service(Settings(database_url=url, stores=f"local:{tmp_path}", **missing), works=False)
        quiet.start()
        await eventually(quiet.opened.is_set)
        access = quiet.parts.access
        _, made = await access.invitations.invite(BY, "bo@example.com", "viewer")
        assert made.token is not None
        assert await access.resets.ask("bo@example.com", HERE.remote) is False
        assert await mail_jobs(quiet) == []
        handler = mailing(quiet.parts)
        with pytest.raises(MailNotSetUp, match="REELHOOK_SMTP_URL"):
            await handler(MailLink(person_id="x", purpose="reset"))
        await quiet.stop()
