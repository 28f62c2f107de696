"""A secret is replaced: no delivery is lost, the old one lives on for a while, and what is used too late is counted."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from reelhook.db.tables import audit, marks, rejections, webhook_secrets
from reelhook.errors import DatabaseUnavailable, NotFound
from reelhook.ingest.asking import Unfinished
from reelhook.ingest.rotation import Rotated
from tests.conftest import eventually
from tests.servers import database_url, postgres, prepared_file

from .conftest import SECRET
from .desk import ADMIN, REMOTE, Desk, Outside, another_book, desk, desk_of, outside, with_time
from .serving import ask, request

__all__ = ["database_url", "desk", "outside", "postgres", "prepared_file"]


async def rotate(desk: Desk, endpoint_id: str, hours: float = 24) -> Rotated:
    return await desk.does.rotation.rotate(ADMIN, REMOTE, endpoint_id, timedelta(hours=hours))


@pytest.fixture
async def endpoint_id(desk: Desk) -> str:
    return (await desk.register()).endpoint.id


async def test_new_and_old_are_taken_until_the_old_one_retires(desk: Desk, outside: Outside, endpoint_id: str) -> None:
    old = await outside.secret(endpoint_id)
    done = await rotate(desk, endpoint_id, hours=1)
    new = await outside.secret(endpoint_id)
    assert new != old
    assert [(await desk.deliver(one)).status for one in (new, old)] == [200, 200]
    desk.scene.clock.move(3599)
    assert (await desk.deliver(old, b"late")).status == 200
    desk.scene.clock.move(1)
    late = await desk.deliver(old, b"too late")
    assert (late.status, late.code, (await desk.deliver(new, b"new")).status) == (401, "retired_secret", 200)
    assert [row.reason for row in await desk.rows(rejections)] == ["retired_secret"]
    assert done.retires_at == desk.scene.clock.now()
    assert new not in str(done)


async def test_it_is_audited_and_no_secret_is_in_it(desk: Desk, outside: Outside, endpoint_id: str) -> None:
    (before,) = await desk.rows(webhook_secrets)
    done = await rotate(desk, endpoint_id)
    entry = (await desk.rows(audit))[-1]
    assert (entry.action, entry.target, entry.actor) == ("webhook_endpoint.rotate_secret", endpoint_id, "local:local")
    assert entry.data["replaced"] == list(done.replaced) == [before.fingerprint[:12]]
    assert await outside.secret(endpoint_id) not in str(entry)


async def test_between_heygens_rotation_and_our_commit_deliveries_are_told_to_come_again(
    desk: Desk, outside: Outside, endpoint_id: str
) -> None:
    old = await outside.secret(endpoint_id)
    await outside.arm("drop_after", "rotate-secret")
    rotating = asyncio.create_task(rotate(desk, endpoint_id))

    async def rotated() -> bool:
        return await outside.secret(endpoint_id) != old

    await eventually(rotated)
    new = await outside.secret(endpoint_id)
    early = [await desk.deliver(new, b"%d" % number) for number in range(20)]  # the guard would allow one wrong post
    assert {(one.status, one.code, one.headers["retry-after"]) for one in early} == {(503, "secret_changing", "5")}
    assert [(await desk.deliver(old)).status, (await desk.deliver("", b"x")).status] == [200, 503]
    await with_time(desk, asyncio.wait_for(rotating, 20))
    assert (await desk.deliver(new, b"0")).status == 200
    assert (await desk.deliver("whsec_wrong", b"0")).code == "wrong_secret"
    assert [one["rotations"] for one in await outside.endpoints()] == [1]


async def test_what_is_unsigned_or_known_to_be_old_is_refused_all_the_same_while_it_changes(
    desk: Desk, outside: Outside, endpoint_id: str
) -> None:
    old = await outside.secret(endpoint_id)
    await rotate(desk, endpoint_id, hours=0)
    await outside.arm("drop_after", "rotate-secret", times=0)
    with pytest.raises(Unfinished):
        await with_time(desk, rotate(desk, endpoint_id))
    assert (await desk.deliver(old)).code == "retired_secret"
    desk.scene.clock.move(10)  # the guard allows one wrong post, and the next one some time later
    assert (await ask(desk.port, request(b"{}"))).code == "no_signature"


async def test_a_process_that_died_in_between_loses_nothing(desk: Desk, outside: Outside, endpoint_id: str) -> None:
    await outside.arm("drop_after", "rotate-secret", times=0)
    with pytest.raises(Unfinished, match=r"not known\. Run the rotation again"):
        await with_time(desk, rotate(desk, endpoint_id))
    await outside.control("DELETE", "/faults")
    secret = await outside.secret(endpoint_id)
    desk.scene.book = another_book(desk.scene)  # the next process
    async with desk_of(desk.scene, outside.base, outside.key) as after:
        await desk.scene.book.load()
        assert (await after.deliver(secret)).code == "secret_changing"
        await rotate(after, endpoint_id)
        assert (await after.deliver(secret)).status == 200
    assert [(one["secret"], one["rotations"]) for one in await outside.endpoints()] == [(secret, 1)]
    assert await desk.rows(marks) == []


async def test_a_commit_that_fails_after_heygens_answer_loses_nothing_either(
    desk: Desk, outside: Outside, endpoint_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise DatabaseUnavailable("the database is away")

    with monkeypatch.context() as broken:
        broken.setattr(desk.scene.book.rows, "replace", away)
        with pytest.raises(Unfinished, match=r"HeyGen has answered, but the database is away\. Run the rotation again"):
            await rotate(desk, endpoint_id)
    new = await outside.secret(endpoint_id)
    assert (await desk.deliver(new)).status == 503
    await rotate(desk, endpoint_id)
    assert ((await desk.deliver(new)).status, await outside.secret(endpoint_id)) == (200, new)


async def test_a_rotation_that_is_given_up_is_no_excuse_for_ever(
    desk: Desk, outside: Outside, endpoint_id: str
) -> None:
    await outside.arm("drop_before", "rotate-secret", times=0)
    with pytest.raises(Unfinished):
        await with_time(desk, rotate(desk, endpoint_id))
    assert (await desk.deliver("whsec_wrong")).status == 503
    desk.scene.clock.move(24 * 3600)
    assert (await desk.deliver("whsec_wrong")).status == 401


async def test_a_second_rotation_ends_what_the_first_left_earlier_but_never_later(
    desk: Desk, outside: Outside, endpoint_id: str
) -> None:
    secrets = [await outside.secret(endpoint_id)]
    for hours in (2.0, 5.0):
        await rotate(desk, endpoint_id, hours)
        secrets.append(await outside.secret(endpoint_id))
    ends = [row.retired_at and row.retired_at - desk.scene.clock.now() for row in await desk.rows(webhook_secrets)]
    assert sorted(filter(None, ends)) == [timedelta(hours=2), timedelta(hours=5)]
    done = await rotate(desk, endpoint_id, hours=0)
    assert len(done.replaced) == 3
    for secret in secrets[:3]:
        assert (await desk.deliver(secret)).code == "retired_secret"
        desk.scene.clock.move(10)


async def test_an_endpoint_that_heygen_does_not_have(desk: Desk) -> None:
    with pytest.raises(NotFound, match="HeyGen has no webhook endpoint 'nonsense'"):
        await rotate(desk, "nonsense")


async def test_uses_are_counted_since_it_was_replaced_and_those_after_its_end_are_warned_of(
    desk: Desk, outside: Outside, endpoint_id: str
) -> None:
    old = await outside.secret(endpoint_id)
    await desk.deliver(old, b"before")
    await rotate(desk, endpoint_id, hours=1)
    for number in range(3):
        await desk.deliver(old, b"%d" % number)
    await desk.deliver(await outside.secret(endpoint_id), b"new")
    with capture_logs() as told:
        await desk.scene.book.flush()
        await desk.scene.book.flush()
    assert [(line["log_level"], line["uses"], line["refused"]) for line in told] == [("info", 3, 0)]
    desk.scene.clock.move(3600)
    await desk.deliver(old, b"refused")
    with capture_logs() as told:
        await desk.scene.book.flush()
    assert [(line["log_level"], line["uses"], line["refused"]) for line in told] == [("warning", 1, 1)]
    rows = {row.retired_at is not None: row for row in await desk.rows(webhook_secrets)}
    assert (rows[True].uses, rows[True].last_used_at, rows[False].uses) == (4, desk.scene.clock.now(), 0)


class TestSecretsOfTheSettings:
    """An endpoint that was registered by hand; its secret stands in the settings, which do not say whose it is."""

    async def test_the_only_one_is_taken_to_be_the_endpoints_and_retires_although_it_is_named(
        self, desk: Desk, outside: Outside
    ) -> None:
        endpoint_id = await outside.register(desk.url)
        old = await outside.secret(endpoint_id)
        desk.scene.secrets[:] = [old]
        await desk.scene.book.load()
        done = await rotate(desk, endpoint_id, hours=1)
        assert (len(done.replaced), done.undecided) == (1, ())
        assert (await desk.deliver(old)).status == 200
        desk.scene.clock.move(3600)
        with capture_logs() as told:
            await desk.scene.book.load()
            await desk.scene.book.load()
        (line,) = [one for one in told if one["event"] == "secret.retired_but_named"]
        assert (line["log_level"], line["help"]) == ("warning", "remove it from REELHOOK_HEYGEN_WEBHOOK_SECRETS")
        assert (await desk.deliver(old, b"late")).code == "retired_secret"
        assert (await desk.deliver(await outside.secret(endpoint_id))).status == 200
        # The next start knows it too, and says it once more.
        after = another_book(desk.scene)
        with capture_logs() as told:
            await after.load()
        assert [one["event"] for one in told] == ["secret.retired_but_named"]
        assert old not in str(told)

    async def test_taken_out_of_the_settings_it_is_still_taken_until_its_end(
        self, desk: Desk, outside: Outside
    ) -> None:
        endpoint_id = await outside.register(desk.url)
        old = await outside.secret(endpoint_id)
        desk.scene.secrets[:] = [old]
        await desk.scene.book.load()
        await rotate(desk, endpoint_id, hours=1)
        desk.scene.secrets[:] = []
        await desk.scene.book.load()
        assert (await desk.deliver(old)).status == 200
        desk.scene.clock.move(3600)
        with capture_logs() as told:
            await desk.scene.book.load()
        assert [one["event"] for one in told] == ["secret.retired"]
        assert (await desk.deliver(old)).status == 401

    async def test_one_of_several_is_not_guessed(self, desk: Desk, outside: Outside) -> None:
        endpoint_id = await outside.register(desk.url)
        old = await outside.secret(endpoint_id)
        desk.scene.secrets[:] = [old, SECRET]
        await desk.scene.book.load()
        done = await rotate(desk, endpoint_id, hours=0)
        assert (done.replaced, len(done.undecided)) == ((), 2)
        assert [(await desk.deliver(one)).status for one in (old, SECRET)] == [200, 200]

    async def test_nor_is_it_when_another_endpoint_may_be_its_owner(self, desk: Desk, outside: Outside) -> None:
        await outside.register("http://127.0.0.1:9/other")
        endpoint_id = await outside.register(desk.url)
        desk.scene.secrets[:] = [SECRET]
        await desk.scene.book.load()
        assert (await rotate(desk, endpoint_id, hours=0)).replaced == ()
        assert (await desk.deliver(SECRET)).status == 200

    async def test_one_that_was_told_here_leaves_the_settings_alone(
        self, desk: Desk, outside: Outside, endpoint_id: str
    ) -> None:
        desk.scene.secrets[:] = [SECRET]
        await desk.scene.book.load()
        done = await rotate(desk, endpoint_id, hours=0)
        assert (len(done.replaced), done.undecided) == (1, ())
        assert (await desk.deliver(SECRET)).status == 200
