"""What people do about their browsers: each sees and changes their own."""

from dataclasses import replace

import pytest

from reelhook.auth.refusals import NotAPerson
from reelhook.errors import Conflict, NotFound, WrongInput
from reelhook.notify.channels.push import browsers
from tests.notify.push.scene import REMOTE, Scene
from tests.notify.push.service import PushService, Subscriber


async def test_a_browser_is_listed_without_what_opens_it(scene: Scene, service: PushService) -> None:
    olga = await scene.person("olga")
    browser = service.subscriber()
    added = await scene.add(olga, browser)
    assert await scene.browsers.listing(olga) == [added]
    assert added.keys() == {"id", "device", "host", "fingerprint", "created_at", "last_used_at", "failed_at"}
    assert added["host"] == "127.0.0.1"
    assert await scene.audited() == [("push_subscription.create", f"person:{olga.id}", added["id"])]


async def test_the_same_browser_again_is_one_with_its_new_keys(scene: Scene, service: PushService) -> None:
    olga = await scene.person("olga")
    browser = service.subscriber()
    first = await scene.add(olga, browser)
    again = await scene.add(olga, Subscriber(browser.endpoint), "Chrome on Linux")
    assert (again["id"], again["device"]) == (first["id"], "Chrome on Linux")
    assert len(await scene.rows()) == 1


async def test_a_browser_in_which_somebody_else_signs_in_is_theirs(scene: Scene, service: PushService) -> None:
    olga, lena = await scene.person("olga"), await scene.person("lena")
    browser = await scene.browser(olga)
    await scene.add(lena, browser)
    assert await scene.browsers.listing(olga) == []
    assert len(await scene.browsers.listing(lena)) == 1


async def test_one_is_removed_by_its_owner_alone(scene: Scene) -> None:
    olga, lena = await scene.person("olga"), await scene.person("lena")
    await scene.browser(olga)
    (row,) = await scene.rows()
    with pytest.raises(NotFound):
        await scene.browsers.remove(lena, row.id, REMOTE)
    await scene.browsers.remove(olga, row.id, REMOTE)
    assert await scene.rows() == []
    assert (await scene.audited())[-1] == ("push_subscription.delete", f"person:{olga.id}", row.id)


async def test_a_program_has_no_browser(scene: Scene, service: PushService) -> None:
    key = replace(await scene.person("olga"), kind="key")
    with pytest.raises(NotAPerson):
        await scene.add(key, service.subscriber())


async def test_an_endpoint_that_we_would_not_call_is_refused_at_once(scene: Scene, service: PushService) -> None:
    olga = await scene.person("olga")
    browser = service.subscriber()
    for endpoint, says in (
        ("https://127.0.0.1/push", "is not a public address"),
        ("https://10.1.2.3/push", "is not a public address"),
        ("http://push.example.com/x", "not https"),
        ("file:///etc/passwd", "no http address"),
    ):
        with pytest.raises(WrongInput, match=says):
            await scene.add(olga, replace(browser, endpoint=endpoint))
    # A name is judged when it is looked up.
    await scene.add(olga, replace(browser, endpoint="https://push.example.com/x"))


async def test_keys_that_are_none_are_refused(scene: Scene, service: PushService) -> None:
    olga = await scene.person("olga")
    browser = replace(service.subscriber(), secret=b"short")
    with pytest.raises(WrongInput, match="16 bytes"):
        await scene.add(olga, browser)


async def test_nobody_has_very_many(scene: Scene, service: PushService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsers, "MOST_BROWSERS", 1)
    olga = await scene.person("olga")
    first = await scene.browser(olga)
    await scene.add(olga, first)
    with pytest.raises(Conflict, match="turn one off"):
        await scene.browser(olga)
