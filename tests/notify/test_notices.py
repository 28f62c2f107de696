"""A letter for a notification, handed in to a real SMTP server, and the link in it that ends such letters."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select

from reelhook.app import Service
from reelhook.auth import local_admin
from reelhook.auth.callback_tokens import CallbackTokens
from reelhook.db.tables import notification_deliveries, notification_preferences
from reelhook.errors import DatabaseUnavailable
from reelhook.notify.channel import Notice, Recipient
from reelhook.notify.channels.email.errors import MailNotSetUp
from reelhook.settings import Settings
from reelhook.videos import State
from tests.conftest import START, eventually
from tests.mail import MailServer, mail_server
from tests.servers import prepared_file

__all__ = ["prepared_file"]

SITE = "https://reel.example.com"


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
async def service(mail: MailServer, prepared_file: Path, tmp_path: Path) -> AsyncIterator[Service]:
    shutil.copy(prepared_file, tmp_path / "reelhook.db")
    here = {"database_url": f"sqlite:///{tmp_path / 'reelhook.db'}", "stores": f"local:{tmp_path / 'media'}"}
    running = Service(Settings(**here, public_url=SITE, smtp_url=mail.url, secret_key="key", drain_s=0))
    running.start()
    await running.opened.wait()
    yield running
    await running.stop()


async def unarchived(service: Service, title: str) -> str:
    made = {"kind": "avatar_video", "store": "local", "message": "Made", "state": State.UNARCHIVED}
    return await service.parts.db.write(lambda tx: service.parts.lifecycle.create(tx, **made, title=title))


async def test_a_letter_says_what_happened_and_how_to_end_such_letters(service: Service, mail: MailServer) -> None:
    person = await service.parts.access.people.create(local_admin(), "bo@example.com", "admin")
    video_id = await unarchived(service, "Länge <b>&\nLaune")
    await eventually(lambda: bool(mail.delivered))
    (done,) = mail.delivered
    letter = done.letter
    assert (done.to, letter["Subject"]) == (["bo@example.com"], "“Länge <b>& Laune” could not be stored")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = str(letter["List-Unsubscribe"]).strip("<>")
    assert stop.startswith(f"{SITE}/unsubscribe/")
    plain, html = done.text(), done.text("html")
    for text in (plain, html):
        assert f"{SITE}/videos/{video_id}" in text
        assert stop in text
    assert "<b>" not in html

    async def settled() -> bool:
        rows = await service.parts.db.read(lambda conn: conn.execute(select(notification_deliveries)).all())
        return [(row.state, row.target) for row in rows if row.channel == "email"] == [("sent", "bo@example.com")]

    await eventually(settled)
    path = stop.removeprefix(SITE)
    transport = httpx2.ASGITransport(app=service.asgi)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as program:
        page = await program.get(path)
        assert page.headers["content-type"].startswith("text/html")
        assert await chosen(service) == {}, "looking at a link changes nothing"
        done_once = await program.post(path, content=b"List-Unsubscribe=One-Click")
        assert (done_once.status_code, done_once.headers["cache-control"]) == (204, "no-store")
        assert (await program.post(path)).status_code == 204
        other = CallbackTokens(service.parts.sealer).issue(person.id)
        for wrong in (path[:-1], f"/unsubscribe/{other}", "/unsubscribe/x"):
            assert (await program.post(wrong)).status_code == 404
        nobody = service.parts.telling.unsubscribe(service.asgi)._tokens.issue(service.parts.ids.new())
        assert (await program.post(f"/unsubscribe/{nobody}")).status_code == 204
    assert {ways["email"] for ways in (await chosen(service)).values()} == {False}
    await unarchived(service, "Another")
    rows = await service.parts.db.read(lambda conn: conn.execute(select(notification_deliveries.c.channel)).all())
    assert [row.channel for row in rows].count("email") == 1


async def chosen(service: Service) -> dict[str, dict[str, bool]]:
    found = await service.parts.db.read(lambda conn: conn.execute(select(notification_preferences.c.mine)).scalar())
    return found or {}


async def test_the_link_waits_for_the_database(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(work: object) -> None:
        raise DatabaseUnavailable("away", retry_after_s=5)

    unsubscribe = service.parts.telling.unsubscribe(service.asgi)
    token = unsubscribe._tokens.issue(service.parts.ids.new())
    monkeypatch.setattr(service.parts.db, "write", away)
    transport = httpx2.ASGITransport(app=unsubscribe)
    async with httpx2.AsyncClient(transport=transport, base_url="http://us") as program:
        answer = await program.post(f"/unsubscribe/{token}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    monkeypatch.undo()


async def test_a_digest_links_to_everything_and_without_a_server_nothing_is_sent(service: Service) -> None:
    email = next(channel for channel in service.parts.ways if channel.name == "email")
    items = [("“a” is ready", "/videos/a"), ("“b” failed", "/videos/b")]
    notice = Notice("n", "digest", "info", "While it was quiet: 1 ready, 1 failed", "", "/", START, items=items)
    letter = email.letter(SITE, notice, Recipient(service.parts.ids.new(), "bö@exämple.com"))  # type: ignore[attr-defined]
    plain, html = (str(letter.get_body((kind,)).get_content()) for kind in ("plain", "html"))
    for title, path in items:
        assert f"{title}\n{SITE}{path}" in plain
        assert f'<a href="{SITE}{path}">{title}</a>' in html
    bare = replace(email, server=None)  # type: ignore[type-var]
    with pytest.raises(MailNotSetUp):
        await bare.send(notice, Recipient("p", "bo@example.com"))
