"""Registering at HeyGen: one endpoint, a secret that nobody sees or loses, and a test that really goes round."""

import pytest

from reelhook.db.tables import audit, events, marks, webhook_secrets
from reelhook.errors import WrongInput
from reelhook.heygen import HeyGenRefused, HeyGenUnauthorized
from reelhook.ingest import registration
from reelhook.ingest.asking import NoApiKey, Unfinished
from reelhook.ingest.registration import AlreadyRegistered, EndpointCheckFailed
from reelhook.kit.http import guarded_session
from tests.servers import database_url, postgres, prepared_file

from .conftest import SECRET, Scene
from .desk import API, Desk, Outside, desk, desk_of, outside, with_time

__all__ = ["database_url", "desk", "outside", "postgres", "prepared_file"]


async def test_the_secret_is_sealed_live_and_audited_before_anything_is_said(desk: Desk, outside: Outside) -> None:
    done = await desk.register()
    (endpoint,) = await outside.endpoints()
    (row,), (entry,) = await desk.rows(webhook_secrets), await desk.rows(audit)
    assert (endpoint["url"], endpoint["events"]) == (desk.url, None)
    assert (done.new, done.endpoint.id) == (True, endpoint["endpoint_id"])
    assert (row.source, row.heygen_endpoint_id, row.retired_at) == ("heygen", endpoint["endpoint_id"], None)
    assert row.fingerprint.startswith(done.fingerprint)
    assert (entry.action, entry.target, entry.remote) == (
        "webhook_endpoint.create",
        endpoint["endpoint_id"],
        "192.0.2.7",
    )
    assert [secret.value for secret in desk.scene.book.known.live] == [endpoint["secret"]]
    assert endpoint["secret"] not in f"{done}{row}{entry}"
    assert await desk.rows(marks) == []


async def test_a_signed_test_comes_back_through_the_public_address(desk: Desk) -> None:
    done = await desk.register()
    (event,) = await desk.rows(events)
    assert (done.test.arrived, done.test.event_id) == (True, event.id)
    assert (event.type, event.source, event.resource_id) == ("reelhook.test", "webhook", None)


async def test_what_is_registered_already_is_only_tested_again(desk: Desk, outside: Outside) -> None:
    first = await desk.register(events=["avatar_video.success", "avatar_video.fail"])
    again = await desk.register(desk.url.replace("http", "HTTP"), ["avatar_video.fail", "avatar_video.success"])
    assert (again.new, again.fingerprint, again.test.arrived) == (False, first.fingerprint, True)
    assert len(await outside.endpoints()) == len(await desk.rows(webhook_secrets)) == 1
    with pytest.raises(AlreadyRegistered, match=r"for avatar_video\.success, avatar_video\.fail; to change that"):
        await desk.register(events=["video_agent.success"])


async def test_other_events_than_all_are_a_change_too(desk: Desk) -> None:
    await desk.register()
    with pytest.raises(AlreadyRegistered, match="for all events; to change that, delete it"):
        await desk.register(events=["video_agent.success"])


async def test_one_that_somebody_else_registered_is_not_made_twice(desk: Desk, outside: Outside) -> None:
    endpoint_id = await outside.register(desk.url)
    with pytest.raises(AlreadyRegistered, match=f"`reelhook rotate-secret {endpoint_id}` to get a new one, or delete"):
        await desk.register()
    assert len(await outside.endpoints()) == 1


async def test_a_lost_answer_is_asked_for_again_at_once(desk: Desk, outside: Outside) -> None:
    await outside.arm("drop_after", f"POST {API}")
    done = await with_time(desk, desk.register())
    (endpoint,) = await outside.endpoints()
    assert done.endpoint.id == endpoint["endpoint_id"]
    assert (await desk.deliver(endpoint["secret"])).status == 200


async def test_an_answer_that_stays_lost_is_got_by_the_next_run_with_the_same_key(desk: Desk, outside: Outside) -> None:
    await outside.arm("drop_after", f"POST {API}", times=0)
    with pytest.raises(Unfinished, match="Run the registration again within a day: the same key gets"):
        await with_time(desk, desk.register())
    await outside.control("DELETE", "/faults")
    assert len(await desk.rows(marks)) == 1
    done = await desk.register()
    (endpoint,) = await outside.endpoints()
    assert (done.new, done.endpoint.id, done.test.arrived) == (True, endpoint["endpoint_id"], True)
    assert await desk.rows(marks) == []


async def test_without_https_heygen_refuses_and_we_say_what_it_wants(desk: Desk, outside: Outside) -> None:
    await outside.control("PATCH", "/settings", {"plain_http": "never"})
    with pytest.raises(
        EndpointCheckFailed, match=r"must be a public HTTPS address.* put a proxy with a certificate"
    ) as no:
        await desk.register()
    assert (no.value.status, await desk.rows(marks), await desk.rows(webhook_secrets)) == (422, [], [])


async def test_when_the_check_fails_we_ask_the_way_heygen_did_and_say_what_we_found(
    scene: Scene, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    await outside.control("PATCH", "/settings", {"probe_endpoints": True})
    async with desk_of(scene, outside.base, outside.key) as desk:
        deaf = f"https://127.0.0.1:{desk.port}/webhooks/heygen"  # nobody speaks TLS there
        with pytest.raises(EndpointCheckFailed, match=r"validation failed.*What to do: OPTIONS https://.* failed"):
            await desk.register(deaf)

        async def answered(*_: object) -> None:
            return None

        monkeypatch.setattr(registration, "probe", answered)
        with pytest.raises(
            EndpointCheckFailed, match="from here OPTIONS is answered in time, but HeyGen asks from outside"
        ):
            await desk.register(deaf)


async def test_any_other_refusal_is_told_as_it_is(desk: Desk, outside: Outside) -> None:
    with pytest.raises(HeyGenRefused, match=r"'video\.completed' is not an event type"):
        await desk.register(events=["video.completed"])
    assert (await outside.endpoints(), await desk.rows(marks)) == ([], [])


async def test_a_key_that_heygen_does_not_take_ends_it(scene: Scene, outside: Outside) -> None:
    async with desk_of(scene, outside.base, "sk_V2_wrong_one") as desk:
        with pytest.raises(HeyGenUnauthorized):
            await desk.register()


async def test_without_a_key_or_an_address_it_says_what_to_set(scene: Scene, outside: Outside) -> None:
    async with guarded_session() as guarded:
        blind = Desk(scene, 1, None, None, guarded)
        with pytest.raises(WrongInput, match="set REELHOOK_PUBLIC_URL"):
            await blind.register()
        with pytest.raises(NoApiKey, match="set REELHOOK_HEYGEN_API_KEY"):
            await blind.register("https://we.example/webhooks/heygen")


@pytest.mark.parametrize(
    "url",
    ["ftp://h/x", "https://", "nonsense", "https://h:0/x", "https://h:x/", "https://u@h/x", "https://h/#x",
     "https://h/ ü", "https://h/" + "x" * 2000],
)  # fmt: skip
async def test_what_is_no_address_is_refused_before_heygen_is_asked(url: str, desk: Desk) -> None:
    with pytest.raises(WrongInput):
        await desk.register(url)


async def test_settings_and_registration_live_beside_each_other(desk: Desk) -> None:
    desk.scene.secrets[:] = [SECRET]
    await desk.register()
    assert len(desk.scene.book.known.live) == 2
    assert (await desk.deliver(SECRET)).status == 200
