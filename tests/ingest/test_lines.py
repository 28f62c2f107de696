"""Each delivery has one line, when it was answered."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.ingest.conftest import Scene, signed
from tests.ingest.serving import ask, request

Lines = list[dict[str, Any]]
OURS = "0192c000-0000-7000-8000-000000000001"


@pytest.fixture
def told() -> Iterator[Lines]:
    with capture_logs() as lines:
        yield lines


def body(**data: Any) -> bytes:
    return json.dumps({"event_type": "avatar_video.success", "event_data": {"video_id": "hg-1"} | data}).encode()


async def test_what_is_accepted_is_told_with_its_event_and_our_video(port: int, told: Lines) -> None:
    sent = body(callback_id=OURS)
    first, second = [json.loads((await ask(port, signed(sent))).body) for _ in range(2)]
    assert first["event_id"] == second["event_id"]
    told = [line for line in told if line["event"] == "delivery.accepted"]
    assert [line["duplicate"] for line in told] == [False, True]
    line = told[0]
    assert line | {"ms": 0} == {
        "event": "delivery.accepted", "log_level": "info", "endpoint": "heygen", "event_id": first["event_id"],
        "type": "avatar_video.success", "duplicate": False, "video_id": OURS, "remote": "127.0.0.1", "ms": 0,
        "bytes": len(sent),
    }  # fmt: skip


async def test_what_somebody_else_calls_their_video_is_not_taken_for_ours(port: int, told: Lines) -> None:
    await ask(port, signed(body(callback_id="customer@example.com")))
    assert "customer@example.com" not in str(told)


async def test_a_callback_names_the_video_of_its_address(port: int, scene: Scene, told: Lines) -> None:
    path = f"/webhooks/heygen/callback/{scene.tokens.issue(OURS)}"
    await ask(port, request(body(), path=path))
    (line,) = [line for line in told if line["event"] == "delivery.accepted"]
    assert (line["endpoint"], line["video_id"]) == ("callback", OURS)


async def test_what_is_refused_is_told_with_the_reason(port: int, told: Lines) -> None:
    answer = await ask(port, request(body()))
    (line,) = [line for line in told if line["event"] == "delivery.refused"]
    assert (answer.status, line["status"], line["code"]) == (401, 401, json.loads(answer.body)["code"])
    assert (line["endpoint"], line["remote"], line["bytes"]) == ("heygen", "127.0.0.1", len(body()))
