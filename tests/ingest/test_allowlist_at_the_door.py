"""Who is let in by address, when that is decided, and what is remembered of where HeyGen's deliveries come from."""

import pytest
import structlog

from reelhook.db.tables import events, rejections, senders
from reelhook.ingest.senders import LOOKS
from tests.conftest import START

from .conftest import Scene, signed
from .serving import ask, connected, request

BODY = b"{}"
HERE = ["127.0.0.0/8"]
ELSEWHERE = ["192.0.2.0/24"]


async def seen(scene: Scene) -> dict[str, tuple[int, int, int]]:
    await scene.senders.flush()
    return {row.network: (row.deliveries, row.outside, row.refused) for row in await scene.rows(senders)}


async def test_a_refused_address_is_told_before_its_body_comes_and_may_go_on_asking(scene: Scene) -> None:
    async with scene.serve(allow=ELSEWHERE) as port, connected(port) as line:
        head = request(length=1000)
        await line.send(head)
        answer = await line.answer()
        assert (answer.status, answer.code) == (403, "address_refused")
        await line.send(b"x" * 1000 + request(BODY))
        assert (await line.answer()).status == 403
    assert await seen(scene) == {}


async def test_a_right_delivery_that_its_address_keeps_out_is_refused_and_counted(scene: Scene) -> None:
    async with scene.serve(allow=ELSEWHERE) as port:
        right, wrong = await ask(port, signed(BODY)), await ask(port, signed(BODY, "another"))
        path = f"/webhooks/heygen/callback/{scene.tokens.issue(scene.ids.new())}"
        assert (await ask(port, request(BODY, path=path))).code == "address_refused"
        assert (await ask(port, request(BODY, path=path + "x"))).code == "address_refused"
    assert right.json == wrong.json, "a stranger learns nothing of signatures"
    assert right.code == "address_refused"
    assert await seen(scene) == {"127.0.0.0/24": (2, 2, 2)}
    assert await scene.rows(events) == []
    assert {row.reason for row in await scene.rows(rejections)} == {"address_refused"}


async def test_only_a_few_refused_deliveries_a_second_are_looked_at(scene: Scene) -> None:
    async with scene.serve(allow=ELSEWHERE) as port, connected(port) as line:
        for _ in range(LOOKS.burst + 5):
            await line.send(signed(BODY))
            assert (await line.answer()).status == 403
    assert await seen(scene) == {"127.0.0.0/24": (LOOKS.burst,) * 3}


async def test_while_it_is_observed_the_list_keeps_nobody_out_and_says_whom_it_would(scene: Scene) -> None:
    with structlog.testing.capture_logs() as told:
        async with scene.serve(allow=ELSEWHERE, enforce=False, trusted=HERE) as port:
            for sender in ("198.51.100.7", "198.51.100.9", "192.0.2.1"):
                assert (await ask(port, signed(BODY, x_forwarded_for=sender))).status == 200
        assert await seen(scene) == {"192.0.2.0/24": (1, 0, 0), "198.51.100.0/24": (2, 2, 0)}
    said = [(one["network"], one["deliveries"]) for one in told if one["event"] == "sender.outside"]
    assert said == [("198.51.100.0/24", 2)]
    row = (await scene.rows(senders))[1]
    assert (row.outside_since, row.last_outside_at) == (START, START)


async def test_only_what_proved_to_be_from_heygen_is_remembered(scene: Scene) -> None:
    test = b'{"event_type": "reelhook.test"}'
    async with scene.serve(trusted=HERE) as port:
        for wrong in (request(BODY), signed(BODY, "another"), request(BODY, path="/webhooks/heygen/callback/x")):
            assert (await ask(port, wrong)).status == 401
        assert (await ask(port, signed(test))).status == 200, "that is ourselves"
        assert await seen(scene) == {}
        path = f"/webhooks/heygen/callback/{scene.tokens.issue(scene.ids.new())}"
        assert (await ask(port, request(BODY, path=path, x_forwarded_for="2001:db8:1:2::3"))).status == 200
        assert (await ask(port, signed(BODY, x_forwarded_for="2001:db8:1:ffff::1"))).status == 200
    assert await seen(scene) == {"2001:db8:1::/48": (2, 0, 0)}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x_forwarded_for": "198.51.100.1:49152"}, 200),
        ({"x_forwarded_for": "::ffff:198.51.100.1"}, 200),
        ({"x_forwarded_for": "198.51.100.1, 127.0.0.9"}, 200),  # a second proxy of ours
        ({"x_forwarded_for": "198.51.100.1, 203.0.113.1"}, 403),  # the left was written by the client
        ({"x_forwarded_for": "198.51.100.1, rubbish"}, 403),
        ({"forwarded": "for=198.51.100.1"}, 403),
        ({}, 403),
    ],
)
async def test_the_list_goes_by_the_rightmost_hop_that_is_no_proxy_of_ours(
    headers: dict[str, str], status: int, scene: Scene
) -> None:
    async with scene.serve(allow=["198.51.100.0/24"], trusted=HERE) as port:
        assert (await ask(port, signed(BODY, **headers))).status == status
    async with scene.serve(allow=["198.51.100.0/24"]) as port:
        assert (await ask(port, signed(BODY, **headers))).status == 403, "not from just anybody"
