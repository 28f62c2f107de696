import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from reelhook.heygen import Endpoint, HeyGen, HeyGenRefused, HeyGenUnauthorized, HeyGenUnavailable, PastEvent
from reelhook.heygen.webhooks import moment

from .conftest import FakeHeyGen

MARCH = datetime(2026, 3, 25, 12, tzinfo=UTC)


def row(**changed: Any) -> dict[str, Any]:
    told = {"endpoint_id": "e1", "url": "https://we/hook", "events": None, "status": "enabled"}
    return {**told, "created_at": "2026-03-25T12:00:00Z", "secret": None, **changed}


async def test_register_for_all_events_and_keep_the_secret_out_of_sight(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({"data": row(secret="whsec_once")})
    found = await heygen.create_endpoint("https://we/hook", idempotency_key="k")
    assert found == Endpoint("e1", "https://we/hook", None, "enabled", MARCH, "whsec_once")
    assert "whsec_once" not in repr(found)
    (asked,) = server.asked
    assert (asked.line, asked.body) == ("POST /v3/webhooks/endpoints", {"url": "https://we/hook", "events": None})
    assert asked.headers["Idempotency-Key"] == "k"


async def test_register_for_some_events(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({"data": row(events=["avatar_video.success"])}, 201)
    found = await heygen.create_endpoint("https://we/hook", ("avatar_video.success",))
    assert found.events == ("avatar_video.success",)
    assert server.asked[0].body["events"] == ["avatar_video.success"]


async def test_a_registration_that_names_no_endpoint_is_no_registration(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({"data": row(endpoint_id=None)})
    with pytest.raises(HeyGenUnavailable, match="register the webhook endpoint, but its answer names no endpoint"):
        await heygen.create_endpoint("https://we/hook")


async def test_the_same_url_twice_is_heygens_to_refuse(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.refuses_with(409, "conflict", "already registered")
    with pytest.raises(HeyGenRefused, match="already registered"):
        await heygen.create_endpoint("https://we/hook")


async def test_a_list_is_read_to_its_last_page(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({"data": [row(), {"url": "no id"}], "has_more": True, "next_token": "t/2"})
    server.answers_with({"data": [row(endpoint_id="e2")], "has_more": False, "next_token": "ignored"})
    assert [each.id for each in await heygen.list_endpoints()] == ["e1", "e2"]
    assert [asked.line for asked in server.asked] == [
        "GET /v3/webhooks/endpoints?limit=100", "GET /v3/webhooks/endpoints?limit=100&token=t%2F2",
    ]  # fmt: skip


async def test_a_list_without_an_end_is_given_up(server: FakeHeyGen, heygen: HeyGen) -> None:
    for _ in range(101):
        server.answers_with({"data": [row()], "has_more": True, "next_token": "again"})
    with pytest.raises(HeyGenUnavailable, match="no end after 100 pages"):
        await heygen.list_endpoints()


async def test_update_sends_only_what_changes(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({"data": row(url="https://new/hook")})
    assert (await heygen.update_endpoint("e1", url="https://new/hook")).url == "https://new/hook"
    server.answers_with({"data": row(events=[])})
    assert (await heygen.update_endpoint("e1", events=[])).events == ()
    assert [(asked.line, asked.body) for asked in server.asked] == [
        ("PATCH /v3/webhooks/endpoints/e1", {"url": "https://new/hook"}),
        ("PATCH /v3/webhooks/endpoints/e1", {"events": []}),
    ]


async def test_delete(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({"data": {}})
    await heygen.delete_endpoint("e1")
    assert server.asked[0].line == "DELETE /v3/webhooks/endpoints/e1"


async def test_an_empty_id_never_deletes_the_list(server: FakeHeyGen, heygen: HeyGen) -> None:
    with pytest.raises(HeyGenRefused, match="not an id"):
        await heygen.delete_endpoint("")
    assert server.asked == []


async def test_a_new_secret_is_told_once(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({"data": {"endpoint_id": "e1", "secret": "whsec_new"}})
    secret = await heygen.rotate_secret("e1", idempotency_key="k")
    assert (secret.id, secret.value) == ("e1", "whsec_new")
    (asked,) = server.asked
    assert (asked.line, asked.body) == ("POST /v3/webhooks/endpoints/e1/rotate-secret", None)
    assert asked.headers["Idempotency-Key"] == "k"


async def test_a_rotation_without_a_secret_in_the_answer_is_asked_again(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({"data": {"endpoint_id": "e1"}})
    with pytest.raises(HeyGenUnavailable, match="holds no secret"):
        await heygen.rotate_secret("e1")


async def test_event_types(server: FakeHeyGen, heygen: HeyGen) -> None:
    rows = [{"event_type": "a.success", "description": "Fired when"}, {"event_type": "b"}, {"description": "nameless"}]
    server.answers_with({"data": rows, "has_more": False, "next_token": None})
    assert await heygen.event_types() == {"a.success": "Fired when", "b": ""}
    assert server.asked[0].line == "GET /v3/webhooks/event-types?limit=100"


async def test_one_page_of_history(server: FakeHeyGen, heygen: HeyGen) -> None:
    told = {"event_id": "ev", "event_type": "avatar_video.success", "event_data": {"video_id": "v"}}
    rows = [{**told, "created_at": "2026-03-25T14:00:00+02:00"}, {**told, "event_id": None}, {"event_id": "x"}]
    server.answers_with({"data": rows, "has_more": True, "next_token": "n"})
    page = await heygen.history("t", event_type="avatar_video.success", entity_id="v", limit=5)
    with_id = PastEvent("ev", "avatar_video.success", {"video_id": "v"}, MARCH)
    assert page.events == (with_id, replace(with_id, event_id=None, created_at=None))
    assert page.next_token == "n"
    assert server.asked[0].line == "GET /v3/webhooks/events?event_type=avatar_video.success&entity_id=v&limit=5&token=t"


async def test_the_last_page_of_history(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({"data": [], "has_more": False, "next_token": None})
    assert (await heygen.history()).next_token is None
    assert server.asked[0].line == "GET /v3/webhooks/events?limit=100"


async def test_check_changes_nothing_and_says_when_the_key_is_wrong(server: FakeHeyGen, heygen: HeyGen) -> None:
    server.answers_with({"data": []})
    await heygen.check()
    server.refuses_with(401, "unauthorized")
    with pytest.raises(HeyGenUnauthorized):
        await heygen.check()
    assert {asked.line for asked in server.asked} == {"GET /v3/webhooks/endpoints?limit=1"}


@pytest.fixture
def far_from_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("far_from_utc")
@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2026-03-25T12:00:00Z", MARCH),
        ("2026-03-25T12:00:00", MARCH),
        (1774440000, MARCH),
        ("", None),
        (None, None),
        ("yesterday", None),
        (1e30, None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_times_are_read_as_utc(value: object, found: datetime | None) -> None:
    assert moment(value) == found
