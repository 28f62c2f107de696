"""The control API says what it does not understand, and forgets everything when asked."""

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from reelhook.simulators.control import LoopbackOnly

from .scene import HeyGenApi, Receiver


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/plans", {"plans": [{"colour": "red"}]}, "Plan has no colour; it has render_s, outcome"),
        ("/plans", {"plans": [{"outcome": "maybe"}]}, "outcome: 'maybe' is not"),
        (
            "/plans",
            {"plans": [{"clip": "nobody"}]},
            "clip: 'nobody' is none of ['quarter', 'thanks', 'tour', 'welcome']",
        ),
        ("/plans", {"plans": [{"bytes": 10}]}, "bytes: 10 is not between"),
        ("/plans", {"plans": [{"duplicates": "two"}]}, "duplicates: 'two' is not int"),
        ("/plans", {"plans": [{"extra_events": [{"after_s": 1}]}]}, "ExtraEvent needs type"),
        ("/plans", {"plans": [{"faults": [{"kind": "sloth"}]}]}, "faults: kind: 'sloth' is none of ["),
        ("/faults", {"on": "media", "kind": "sloth"}, "kind: 'sloth' is none of ["),
        ("/faults", {"on": "moon", "kind": "drop"}, "on: 'moon' is none of ['api', 'media']"),
    ],
)
async def test_mistakes_are_named(heygen: HeyGenApi, path: str, body: dict[str, object], words: str) -> None:
    status, answer = await heygen.call("POST", f"/_control{path}", body)
    assert status == 400
    assert words in answer["error"]


@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("10.0.0.8", 403)])
async def test_only_this_machine_may_control(address: str, status: int) -> None:
    sent: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"status": 200})

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    await LoopbackOnly(app)({"type": "http", "client": (address, 1)}, receive, send)
    assert sent[0]["status"] == status


async def test_plans_are_taken_in_order_and_then_the_default(heygen: HeyGenApi) -> None:
    plans = {"plans": [{"clip": "tour"}, {"clip": "thanks"}], "default": {"clip": "quarter"}}
    await heygen.control("POST", "/plans", plans)
    clips = [(await heygen.truth(await heygen.create()))["clip"] for _ in range(4)]
    assert clips == ["tour", "thanks", "quarter", "quarter"]


async def test_a_fault_skips_strikes_and_rests(heygen: HeyGenApi) -> None:
    await heygen.arm("server_error", on="api", skip=1, times=2)
    statuses = [(await heygen.call("GET", "/v3/videos"))[0] for _ in range(4)]
    assert statuses == [200, 500, 500, 200]


async def test_reset_forgets_and_ends_what_is_under_way(heygen: HeyGenApi, receiver: Receiver) -> None:
    await heygen.register(receiver.url)
    await heygen.control("PATCH", "/settings", {"concurrency": 1})
    await heygen.plan(render_s=60)
    await heygen.create()
    assert (await heygen.control("GET", "/idle"))["idle"] is False
    await heygen.control("POST", "/reset")
    assert (await heygen.control("GET", "/idle"))["idle"] is True
    assert (await heygen.control("GET", "/videos"))["videos"] == []
    assert (await heygen.control("GET", "/settings"))["concurrency"] == 10
    assert await heygen.data("GET", "/v3/webhooks/endpoints") == []
    await asyncio.gather(*(heygen.create() for _ in range(2)))
