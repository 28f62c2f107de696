"""The guard: size, address, signature; then the service's limit for what is right, the address's for what is not."""

from reelhook.db.tables import events, rejections
from reelhook.kit.ratelimit import Verdict, Wanted
from reelhook.limits import Limits

from .conftest import Scene, signed
from .serving import ask, connected, request

BODY = b"{}"
LARGE = 1024 * 1024 + 1


async def test_size_goes_before_address(scene: Scene) -> None:
    async with scene.serve(allow=["192.0.2.0/24"]) as port:
        assert (await ask(port, request(length=LARGE))).code == "body_too_large"
        answer = await ask(port, signed(BODY))
    assert (answer.status, answer.code) == (403, "address_refused")
    assert [row.reason for row in await scene.rows(rejections)] == ["body_too_large", "address_refused"]


async def test_address_goes_before_the_service_limit(scene: Scene) -> None:
    async with scene.serve(allow=["192.0.2.0/24"], rate=1) as port:
        assert {(await ask(port, signed(BODY))).status for _ in range(5)} == {403}


async def test_an_allowed_address_passes(scene: Scene) -> None:
    async with scene.serve(allow=["127.0.0.0/8"]) as port:
        assert (await ask(port, signed(BODY))).status == 200


async def test_a_right_delivery_is_refused_only_when_the_service_is_over_its_limit_and_told_when_to_come_back(
    scene: Scene,
) -> None:
    async with scene.serve(rate=2) as port:
        answers = [await ask(port, signed(BODY)) for _ in range(3)] + [await ask(port, request(BODY))]
        assert [answer.status for answer in answers] == [200, 200, 503, 401]
        assert (answers[2].code, answers[2].headers["retry-after"]) == ("service_limit", "1")
        assert answers[2].headers["ratelimit-policy"] == '"ingest";q=2;w=1'
        assert answers[2].headers["ratelimit"] == '"ingest";r=0;t=1'
        scene.clock.move(1)
        assert (await ask(port, signed(BODY))).status == 200


async def test_a_flood_of_wrong_posts_uses_up_none_of_the_room_of_the_right_ones(scene: Scene) -> None:
    path = f"/webhooks/heygen/callback/{scene.tokens.issue(scene.ids.new())}"
    async with scene.serve(rate=2) as port:
        flood = [request(BODY), signed(BODY, "another"), request(BODY, path="/webhooks/heygen/callback/x")] * 5
        assert {(await ask(port, one)).status for one in flood} == {401}
        assert [(await ask(port, one)).status for one in (signed(BODY), request(BODY, path=path))] == [200, 200]
        assert (await ask(port, request(BODY, path=path))).code == "service_limit"


async def test_wrong_requests_of_an_address_are_limited_but_right_ones_pass(scene: Scene) -> None:
    async with scene.serve(wrong_rate=1) as port:
        wrong = [await ask(port, request(BODY)) for _ in range(6)]
        assert [answer.status for answer in wrong] == [401] * 4 + [429] * 2
        assert (wrong[-1].code, wrong[-1].headers["retry-after"]) == ("too_many_wrong_requests", "1")
        assert wrong[-1].headers["ratelimit"] == '"ingest-wrong";r=0;t=1'
        assert {(await ask(port, signed(b"%d" % number))).status for number in range(20)} == {200}
        scene.clock.move(1)
        assert [(await ask(port, request(BODY))).status for _ in range(2)] == [401, 429]
    assert len(await scene.rows(events)) == 20


async def test_the_limit_is_for_each_address_as_a_trusted_proxy_tells_it(scene: Scene) -> None:
    async with scene.serve(wrong_rate=0.25, trusted=["127.0.0.0/8"]) as port:
        one = {"x_forwarded_for": "198.51.100.1"}
        assert [(await ask(port, request(BODY, **one))).status for _ in range(2)] == [401, 429]
        assert (await ask(port, request(BODY, x_forwarded_for="198.51.100.2"))).status == 401
        # A client can write what it likes to the left of what the proxy adds.
        assert (await ask(port, request(BODY, x_forwarded_for="203.0.113.9, 198.51.100.1"))).status == 429


async def test_a_forwarded_address_is_not_believed_from_just_anybody(scene: Scene) -> None:
    async with scene.serve(allow=["198.51.100.0/24"]) as port:
        assert (await ask(port, signed(BODY, x_forwarded_for="198.51.100.1"))).status == 403
    async with scene.serve(allow=["198.51.100.0/24"], trusted=["127.0.0.0/8"]) as port:
        assert (await ask(port, signed(BODY, x_forwarded_for="198.51.100.1"))).status == 200
        assert (await ask(port, signed(BODY, x_forwarded_for="198.51.100.1, 203.0.113.1"))).status == 403
        assert (await ask(port, signed(BODY))).status == 403
    assert {row.remote for row in await scene.rows(rejections)} == {"127.0.0.1", "203.0.113.1"}


async def test_refusals_do_not_cost_the_connection(scene: Scene) -> None:
    async with scene.serve(rate=1) as port, connected(port) as line:
        for status in (200, 503, 503):
            await line.send(signed(BODY))
            assert (await line.answer()).status == status


async def test_a_customer_with_many_ipv6_addresses_has_one_limit(scene: Scene) -> None:
    async with scene.serve(wrong_rate=0.25, trusted=["127.0.0.0/8"]) as port:
        for address, status in [("2001:db8::1", 401), ("2001:db8::2", 429), ("2001:db8:0:1::1", 401)]:
            assert (await ask(port, request(BODY, x_forwarded_for=address))).status == status


async def test_a_right_delivery_asks_no_limiter_unless_there_is_a_rate(scene: Scene) -> None:
    scene.limits = Limits(scene.clock, Refusing())
    async with scene.serve(wrong_rate=1) as port:
        assert (await ask(port, signed(BODY))).status == 200
        assert (await ask(port, request(BODY))).status == 429
    async with scene.serve(rate=1) as port:
        assert (await ask(port, signed(BODY))).status == 503


class Refusing:
    """Other processes have used up everything."""

    async def take(self, *wanted: Wanted) -> list[Verdict]:
        return [Verdict.of(wanted[0].limit, 1_000_000, wanted[0].limit.room_us)]
