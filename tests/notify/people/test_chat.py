"""Messages to chats: sent by apprise to a receiver on loopback; which addresses are taken; and what nobody is told."""

import io
import json
import logging
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import apprise.url
import pytest
from sqlalchemy import select, update

from reelhook.auth import Principal
from reelhook.auth.principal import of_person
from reelhook.db import Database
from reelhook.db.tables import audit, chat_destinations, chat_messages
from reelhook.errors import WrongInput
from reelhook.kit.ids import Ids
from reelhook.notify.channels.chat import sender as chat_sender
from reelhook.notify.channels.chat.urls import checked_chat_url, hint
from tests.conftest import StillClock
from tests.ingest.conftest import database_url
from tests.notify.people.scene import Scene
from tests.notify.webhook.receiver import Receiver, receiving, status
from tests.processes import free_port

__all__ = ["database_url"]

SECRET = "T0pSecretToken"
CHATS = "/chat-destinations"
BY = of_person("p", "cem@example.com", "admin")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as one:
        one.will(status(200))
        yield one


@pytest.fixture
async def scene(db: Database, clock: StillClock, ids: Ids, receiver: Receiver) -> AsyncIterator[Scene]:
    one = Scene(db, clock, ids, allow=receiver.address)
    yield one
    one.room.close()


async def chat(scene: Scene, receiver: Receiver, *kinds: str, by: Principal = BY) -> str:
    body = {"name": "Studio", "url": f"json://{receiver.address}/{SECRET}", "kinds": list(kinds)}
    made = await scene.ask(by, "POST", CHATS, body, expect=201)
    return str(made["id"])


async def messages(scene: Scene, chat_id: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = (await scene.ask(BY, "GET", f"{CHATS}/{chat_id}/messages"))["data"]
    return listed


async def test_each_chat_that_wants_it_is_told_once(scene: Scene, receiver: Receiver) -> None:
    chat_id, other = await chat(scene, receiver, "ready"), await chat(scene, receiver, "incident")
    video_id = await scene.ready("customer-17", "Intro <!here> @everyone")
    await scene.work()
    (got,) = receiver.received
    told = json.loads(got.body)
    assert "apprise.plugins.syslog" not in sys.modules, "what is not used is not even loaded"
    assert (got.path, told["title"]) == (f"/{SECRET}", "“Intro <\u200b!here> @\u200beveryone” is ready")
    assert told["message"].endswith(f"\nhttps://reel.example.com/videos/{video_id}")
    (one,) = await messages(scene, chat_id)
    assert (one["state"], one["title"], one["error"]) == ("sent", "“Intro <!here> @everyone” is ready", None)
    assert await messages(scene, other) == []
    shown = {row["id"]: row for row in (await scene.ask(BY, "GET", CHATS))["data"]}
    assert shown[chat_id]["last"]["state"] == "sent"
    assert (shown[other]["last"], shown[other]["kinds"]) == (None, ["incident"])
    await scene.ask(
        BY, "PUT", "/notification-settings", {"kinds": {"ready": {"chat": False}}, "locked": {}, "critical": []}
    )
    await scene.ready("customer-17")
    assert len(await messages(scene, chat_id)) == 1


@pytest.mark.parametrize(
    ("answer", "state", "why"),
    [
        (404, "failed", "answered 404"),
        (302, "failed", "answered 302"),
        (429, "pending", "answered 429"),
        (503, "pending", "answered 503"),
        (500, "unknown", "answered 500; it may have arrived"),
    ],
)
async def test_what_a_chat_answers_decides_what_follows(
    scene: Scene, receiver: Receiver, answer: int, state: str, why: str
) -> None:
    chat_id = await chat(scene, receiver, "ready")
    receiver.will(status(answer, location="http://127.0.0.1:1/"), status(200))
    await scene.ready(None)
    await scene.work()
    (one,) = await messages(scene, chat_id)
    assert (one["state"], one["error"]) == (state, f"json://{receiver.address}/… {why}")
    if state == "pending":
        await scene.until(60)
        assert [one["state"] for one in await messages(scene, chat_id)] == ["sent"]
        return
    await scene.until(100_000)
    assert len(receiver.received) == 1
    await scene.ask(BY, "POST", f"{CHATS}/{chat_id}/messages/{one['id']}/again", expect=202)
    await scene.work()
    assert [one["state"] for one in await messages(scene, chat_id)] == ["sent"]
    await scene.ask(BY, "POST", f"{CHATS}/{chat_id}/messages/{one['id']}/again", expect=409)
    await scene.ask(BY, "POST", f"{CHATS}/{chat_id}/messages/nothing/again", expect=404)
    actions = await scene.db.read(
        lambda conn: list(conn.execute(select(audit.c.action).order_by(audit.c.id)).scalars())
    )
    assert actions == ["chat_destination.create", "chat_destination.again"]


async def test_silence_is_unknown_and_nobody_there_is_not(
    scene: Scene, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apprise.url.URLBase, "socket_read_timeout", 0.2)
    send = scene.room.chats.sender.send
    with socket.create_server(("127.0.0.1", 0)) as silent:
        quiet, gone = silent.getsockname()[1], free_port()
        scene.room.chats.sender._allowed = [f"127.0.0.1:{quiet}", f"127.0.0.1:{gone}"]
        said = {}
        for port in (quiet, gone):
            with pytest.raises(Exception, match="json://") as told:
                await send(f"json://127.0.0.1:{port}/{SECRET}", "info", "Title", "Body")
            said[port] = (told.value.code, told.value.retryable)  # type: ignore[attr-defined]
        assert said == {quiet: ("outcome_unknown", True), gone: ("chat_unreached", True)}
        monkeypatch.setattr(chat_sender, "LIMIT_S", 0.05)
        with pytest.raises(Exception, match="did not answer within") as late:
            await send(f"json://127.0.0.1:{quiet}/{SECRET}", "info", "Title", "Body")
    assert late.value.code == "outcome_unknown"  # type: ignore[attr-defined]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the process would log: on the root, where our own handler is, from the same level on."""
    kept, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(kept)
    handler.addFilter(lambda record: record.name != "aiohttp.access")  # the receiver's own
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield kept
    root.removeHandler(handler)
    root.setLevel(level)


async def test_the_address_is_sealed_and_in_no_answer_and_no_log(
    scene: Scene, receiver: Receiver, log: io.StringIO
) -> None:
    chat_id = await chat(scene, receiver, "ready")
    receiver.will(status(500))
    await scene.ready(None)
    await scene.work()
    tested = await scene.ask(BY, "POST", f"{CHATS}/{chat_id}/test")
    assert (tested["state"], tested["channel"]) == ("unknown", "chat")
    receiver.will(status(200), status(400))
    assert (await scene.ask(BY, "POST", f"{CHATS}/{chat_id}/test"))["state"] == "sent"
    failed = await scene.ask(BY, "POST", f"{CHATS}/{chat_id}/test")
    assert (failed["state"], failed["said"]) == ("failed", f"json://{receiver.address}/… answered 400")
    refused = await scene.ask(BY, "PATCH", f"{CHATS}/{chat_id}", {"url": f"slack://{SECRET}"}, expect=422)
    listed = await scene.ask(BY, "GET", CHATS)
    every = [
        await scene.db.read(lambda conn, table=table: conn.execute(select(table)).all())
        for table in (chat_destinations, chat_messages, audit)
    ]
    assert SECRET not in str([listed, refused, every, tested]) + log.getvalue()
    changed = await scene.ask(
        BY, "PATCH", f"{CHATS}/{chat_id}", {"url": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"}
    )
    assert changed["url_hint"] == "slack://…"
    broken = update(chat_destinations).values(sealed="broken")
    await scene.db.write(lambda tx: tx.execute(broken) and None)
    tested = await scene.ask(BY, "POST", f"{CHATS}/{chat_id}/test")
    assert (tested["state"], "SECRET_KEY" in tested["said"]) == ("failed", True)


async def test_a_chat_that_is_deleted_takes_its_messages_along(scene: Scene, receiver: Receiver) -> None:
    chat_id = await chat(scene, receiver, "ready")
    await scene.ready(None)
    await scene.ask(BY, "DELETE", f"{CHATS}/{chat_id}", expect=204)
    await scene.work()
    assert (receiver.received, await scene.rows(chat_messages)) == ([], [])
    assert await scene.jobs() == [("send_chat", "done")]
    for method, path in (("DELETE", ""), ("GET", "/messages"), ("POST", "/test")):
        await scene.ask(BY, method, f"{CHATS}/{chat_id}{path}", expect=404)
    await scene.ask(BY, "PATCH", f"{CHATS}/{chat_id}", {"name": "x"}, expect=404)


async def test_there_is_an_end_to_chats_and_they_need_the_extra(
    scene: Scene, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelhook.notify.channels.chat.destinations.MOST", 1)
    chat_id = await chat(scene, receiver)
    body = {"name": "x", "url": f"json://{receiver.address}/x", "kinds": []}
    await scene.ask(BY, "POST", CHATS, body, expect=409)
    for wrong in ({"name": None}, {"kinds": ["birthday"]}, {"more": 1}):
        await scene.ask(BY, "PATCH", f"{CHATS}/{chat_id}", wrong, expect=422)
    assert (await scene.ask(BY, "PATCH", f"{CHATS}/{chat_id}", {}))["name"] == "Studio"

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(chat_sender, "import_module", missing)
    refused = await scene.ask(BY, "POST", CHATS, body, expect=409)
    assert refused["code"] == "chat_not_installed"


OWN = "127.0.0.1:8065"
TAKEN = {
    "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ": "slack://…",
    "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js": "discord://…",
    "tgram://123456789:abcdefg_hijklmnop/12315544/": "tgram://…",
    f"json://{OWN}/x": f"json://{OWN}/…",
    f"mmost://{OWN}/3ccdd113474722377935511fc85d3dd4": f"mmost://{OWN}/…",
    f"rocket://user:pass@{OWN}/general": f"rocket://{OWN}/…",
    "jsons://[fd00::5]:8443/x": "jsons://[fd00::5]:8443/…",
}
REFUSED = [
    "file:///etc/passwd",
    "syslog://",
    "dbus://",
    "windows://",
    "exec://x",
    "http://127.0.0.1/",
    "https://hooks.slack.com/services/T1/A1/x",
    "mailto://user:pass@example.com",
    "json://localhost:8065/x",
    "json://chat.example.com/x",
    "json://127.0.0.1:8066/x",
    "json://127.0.0.1/x",
    "json://169.254.169.254:80/latest/meta-data",
    f"json://{OWN}@169.254.169.254:80/x",
    f"json://169.254.169.254:80/@{OWN}/x",
    f"json://{OWN}/x?redirect=yes",
    f"json://{OWN}/x?+host=169.254.169.254",
    "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ?template=/etc/passwd",
    "slack://T1JJ3T3L2%2f..",
    "slack://a b",
    "slack:/x",
    "SLACK://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
    "slack://ä",
    "slack://" + "x" * 1000,
    "",
]


@pytest.mark.parametrize("url", TAKEN)
def test_addresses_that_are_taken(url: str) -> None:
    assert hint(checked_chat_url(url, [OWN, "[fd00::5]:8443"])) == TAKEN[url]


@pytest.mark.parametrize("url", REFUSED)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(WrongInput):
        checked_chat_url(url, [OWN])
