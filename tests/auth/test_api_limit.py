"""How often one caller may ask the API: counted for each person, key and token's subject, and said in every answer."""

from typing import Any

import httpx2
import pytest

from reelhook.auth import Access
from reelhook.auth.ratelimit import ACCOUNT
from reelhook.kit.ratelimit import LimiterAway, Verdict, Wanted
from reelhook.limits import Limits
from reelhook.settings import Settings

from .conftest import HEADER, PASSWORD, Client, Key, Person, StoppedClock

RATE, BURST = 0.5, 5
VIDEO = "/api/v1/videos/00000000-0000-0000-0000-000000000000"


@pytest.fixture
def settings() -> Settings:
    return Settings(api_rate=RATE)


async def statuses(caller: httpx2.AsyncClient, count: int, path: str = "/api/v1/keys") -> list[int]:
    return [(await caller.get(path)).status_code for _ in range(count)]


async def test_every_answer_says_what_is_left(client: Client, key: Key, clock: StoppedClock) -> None:
    program = client(authorization=f"Bearer {await key()}")
    first = await program.get("/api/v1/keys")
    assert (first.headers["ratelimit-policy"], first.headers["ratelimit"]) == ('"api";q=5;w=10', '"api";r=4;t=2')
    assert (await program.get("/api/v1/nothing")).headers["ratelimit"] == '"api";r=3;t=4', "whatever the answer"
    clock.forward(seconds=2)
    assert (await program.get("/api/v1/keys")).headers["ratelimit"] == '"api";r=3;t=4'


async def test_who_asks_too_often_is_told_when_to_come_back(client: Client, key: Key, clock: StoppedClock) -> None:
    program = client(authorization=f"Bearer {await key()}")
    assert await statuses(program, BURST) == [200] * BURST
    clock.forward(seconds=0.5)
    refused = await program.post("/api/v1/videos", content=b"{")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert (refused.headers["retry-after"], refused.headers["ratelimit"]) == ("2", '"api";r=0;t=2')
    clock.forward(seconds=1.5)
    assert await statuses(program, 2) == [200, 429]


async def test_each_person_and_each_key_has_a_limit_of_its_own(signed_in, client, key, person: Person) -> None:
    await person()
    callers = [await signed_in(), *[client(authorization=f"Bearer {await key()}") for _ in range(2)]]
    for caller in callers:
        assert await statuses(caller, BURST + 1) == [200] * BURST + [429]


async def test_a_person_has_one_limit_in_all_browsers(signed_in, person: Person) -> None:
    await person()
    one, two = await signed_in(), await signed_in()
    assert await statuses(one, BURST) == [200] * BURST
    assert await statuses(two, 1) == [429]


async def test_a_tokens_subject_has_one_limit_whatever_its_tokens(client: Client, key: Key) -> None:
    program = client(authorization=f"Bearer {await key()}")
    tokens = [
        (await program.post("/api/v1/stream-tokens", json={"subject": "customer-12", "ttl_s": 60})).json()["token"]
        for _ in range(2)
    ]
    assert await statuses(client(authorization=f"Bearer {tokens[0]}"), BURST, VIDEO) == [200] * BURST
    assert await statuses(client(), 1, f"{VIDEO}?token={tokens[1]}") == [429]


@pytest.mark.parametrize("path", ["/api/v1/stream", "/metrics", "/openapi.json", "/api/v1/session", "/media/x"])
async def test_what_is_not_counted(client: Client, key: Key, path: str) -> None:
    program = client(authorization=f"Bearer {await key()}")
    answers = [await program.get(path) for _ in range(BURST + 2)]
    assert not [answer for answer in answers if answer.status_code == 429 or "ratelimit" in answer.headers]


async def test_webhooks_and_who_is_refused_anyway_are_not_counted(client: Client) -> None:
    for method, path, status in [("POST", "/webhooks/heygen", 200), ("GET", "/api/v1/keys", 401)]:
        answers = [await client().request(method, path) for _ in range(BURST + 2)]
        assert {(answer.status_code, answer.headers.get("ratelimit")) for answer in answers} == {(status, None)}


async def test_the_stream_gets_the_servers_own_channels(access: Access, key: Key) -> None:
    seen: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        seen.append((receive, send))

    async def receive() -> Any: ...
    async def send(message: Any) -> None: ...

    headers = [(b"authorization", f"Bearer {await key()}".encode())]
    scope = {"type": "http", "method": "GET", "path": "/api/v1/stream", "query_string": b"", "headers": headers}
    await access.gate(inner)(scope, receive, send)
    assert seen == [(receive, send)]


async def test_the_person_at_the_machine_is_not_counted(access: Access) -> None:
    seen: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        seen.append(send)

    async def send(message: Any) -> None: ...

    scope = {"type": "http", "method": "GET", "path": "/api/v1/keys", "headers": [], "query_string": b""}
    for _ in range(BURST + 2):
        await access.gate(inner)(scope | {"reelhook.local": True}, None, send)
    assert seen == [send] * (BURST + 2)


class TestWithoutALimit:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(api_rate=0)

    async def test_nothing_is_counted_or_said(self, client: Client, key: Key) -> None:
        answer = await client(authorization=f"Bearer {await key()}").get("/api/v1/keys")
        assert "ratelimit" not in answer.headers


class TestWhileRedisIsAway:
    @pytest.fixture
    def limits(self, clock: StoppedClock) -> Limits:
        return Limits(clock, Away())

    async def test_nobody_can_sign_in_and_is_told_why(self, client: Client, person: Person) -> None:
        await person()
        link = {"token": "of-a-link", "email": "a@b.example", "password": PASSWORD}
        for path, body in [("", {"email": "ada@example.com", "password": PASSWORD}), ("/link", link)]:
            answer = await client().post(f"/api/v1/session{path}", json=body, headers=HEADER)
            assert (answer.status_code, answer.json()["code"]) == (503, "limits_unavailable")
            assert answer.headers["retry-after"] == "1"
            assert "Redis" in answer.json()["detail"]

    async def test_the_api_is_limited_by_each_process(self, client: Client, key: Key) -> None:
        program = client(authorization=f"Bearer {await key()}")
        assert await statuses(program, BURST + 1) == [200] * BURST + [429]


class Away:
    async def take(self, *wanted: Wanted) -> list[Verdict]:
        raise LimiterAway("the line is dead")


async def test_a_refused_sign_in_says_which_limit(client: Client, person: Person) -> None:
    await person()
    body = {"email": "ada@example.com", "password": "wrong password"}
    for _ in range(ACCOUNT.burst + 1):
        answer = await client().post("/api/v1/session", json=body, headers=HEADER)
    assert answer.status_code == 429
    assert answer.headers["ratelimit"] == '"sign-in-account";r=0;t=30'
    assert answer.headers["ratelimit-policy"] == '"sign-in-account";q=5;w=150'
