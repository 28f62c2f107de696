"""Push as a way to a person: all their browsers, each once, whatever their services answer."""

import asyncio

import pytest
from sqlalchemy import select

from reelhook.db.tables import people, push_keys
from reelhook.kit.sealing import Sealer
from reelhook.notify.channels.push.errors import Gone, KeySealed, NotTaken, Refused
from reelhook.notify.channels.push.room import _contact
from reelhook.settings import Settings
from tests.notify.push.scene import Scene, recipient
from tests.notify.push.service import PushService


async def test_every_browser_of_a_person_reads_it_and_nobody_elses(scene: Scene, service: PushService) -> None:
    olga, lena = await scene.person("olga"), await scene.person("lena")
    laptop, phone = await scene.browser(olga), await scene.browser(olga, "Safari on iPhone")
    other = await scene.browser(lena)
    notice = scene.notice()
    sent = await scene.room.channel.send(notice, recipient(olga))
    for browser in (laptop, phone):
        (said,) = service.messages(browser)
        assert (said["id"], said["title"], said["url"], said["badge"]) == (notice.id, notice.title, "/videos/v1", 2)
    assert service.messages(other) == []
    assert sent.target == "Firefox on Linux, Safari on iPhone"
    assert sent.said == "2 of 2 browsers took it"
    assert [row.last_used_at == scene.clock.now() for row in await scene.rows()] == [True, True, False]


async def test_what_needs_a_person_is_urgent(scene: Scene, service: PushService) -> None:
    olga = await scene.person("olga")
    await scene.browser(olga)
    for severity in ("info", "attention", "critical"):
        await scene.room.channel.send(scene.notice(severity), recipient(olga))
    assert [taken.headers["urgency"] for taken in service.taken] == ["normal", "high", "high"]


async def test_a_browser_that_no_longer_listens_is_forgotten(scene: Scene, service: PushService) -> None:
    olga = await scene.person("olga")
    await scene.browser(olga)
    service.will(410)
    with pytest.raises(Gone):
        await scene.room.channel.send(scene.notice(), recipient(olga))
    assert await scene.rows() == []
    with pytest.raises(Refused, match="no browser of yours"):
        await scene.room.channel.send(scene.notice(), recipient(olga))


async def test_a_message_that_is_refused_for_good_is_not_tried_again_and_its_browser_stays(
    scene: Scene, service: PushService
) -> None:
    olga = await scene.person("olga")
    await scene.browser(olga)
    service.will(413)
    with pytest.raises(Refused) as refused:
        await scene.room.channel.send(scene.notice(), recipient(olga))
    assert not refused.value.retryable
    assert [row.failed_at for row in await scene.rows()] == [scene.clock.now()]


async def test_only_those_that_do_not_have_it_yet_are_tried_again(scene: Scene, service: PushService) -> None:
    olga = await scene.person("olga")
    browsers = [await scene.browser(olga), await scene.browser(olga)]
    service.will(201, (429, "30"), 201)
    notice = scene.notice()
    with pytest.raises(NotTaken, match="1 of 2 browsers have it") as busy:
        await scene.room.channel.send(notice, recipient(olga))
    assert busy.value.retry_after_s == 30
    sent = await scene.room.channel.send(notice, recipient(olga))
    assert sent.said == "2 of 2 browsers took it"
    assert [len(service.messages(one)) for one in browsers] == [1, 1]


async def test_one_that_is_gone_does_not_spoil_it_for_the_others(scene: Scene, service: PushService) -> None:
    olga = await scene.person("olga")
    await scene.browser(olga), await scene.browser(olga)
    service.will(410, 201)
    sent = await scene.room.channel.send(scene.notice(), recipient(olga))
    assert sent.said.startswith("1 of 2 browsers took it; the push service answered 410")
    assert len(await scene.rows()) == 1


async def test_what_is_remembered_of_half_sent_notices_is_bounded(
    scene: Scene, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelhook.notify.channels.push.channel.REMEMBERED", 1)
    olga = await scene.person("olga")
    browser = await scene.browser(olga)
    await scene.browser(olga)
    first, second = scene.notice(), scene.notice()
    for notice in (first, second):
        service.will(201, 503)
        with pytest.raises(NotTaken):
            await scene.room.channel.send(notice, recipient(olga))
    service.will(201)
    await scene.room.channel.send(first, recipient(olga))
    # Said once more, with the same id and topic: the browser shows it once.
    assert [said["id"] for said in service.messages(browser)].count(first.id) + sum(
        said["id"] == first.id for said in service.messages(service.subscribers[1])
    ) == 3


async def test_who_can_be_reached_is_part_of_a_query(scene: Scene) -> None:
    olga, _ = await scene.person("olga"), await scene.person("lena")
    await scene.browser(olga)
    query = select(people.c.id).where(scene.room.channel.reachable())
    assert await scene.db.read(lambda conn: list(conn.execute(query).scalars())) == [olga.id]


async def test_the_key_is_made_once_kept_sealed_and_the_same_for_all_processes(scene: Scene) -> None:
    rooms = [scene.another_room() for _ in range(3)]
    keys = await asyncio.gather(*(room.key.get() for room in rooms))
    assert len({key.public for key in keys}) == 1
    row = await scene.db.read(lambda conn: conn.execute(select(push_keys)).one())
    assert row.public == keys[0].public
    assert "PRIVATE KEY" not in row.sealed
    assert "PRIVATE KEY" in scene.sealer.open(row.sealed)
    stranger = scene.another_room(Sealer(["another key"]))
    with pytest.raises(KeySealed, match="REELHOOK_SECRET_KEY"):
        await stranger.key.get()
    for room in (*rooms, stranger):
        await room.close()


@pytest.mark.parametrize(
    ("public_url", "contact"),
    [
        ("https://hooks.example.com", "https://hooks.example.com"),
        ("http://10.0.0.7:8000", "mailto:ops@example.com"),
        (None, "mailto:ops@example.com"),
    ],
)
def test_push_services_are_told_where_to_complain(public_url: str | None, contact: str) -> None:
    assert _contact(Settings(public_url=public_url, mail_from="Ops <ops@example.com>")) == contact
