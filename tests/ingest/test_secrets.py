"""Which secrets are alive: the settings decide, the table remembers, and a rotation needs no restart."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import OperationalError

from reelhook.db import Database, Tx
from reelhook.db.tables import audit, rejections, webhook_secrets
from reelhook.errors import DatabaseUnavailable
from reelhook.ingest import SecretBook
from reelhook.kit.ids import Ids
from reelhook.kit.sealing import Sealer
from tests.conftest import StillClock

from .conftest import SECRET, Scene, signed
from .serving import ask, request

BODY = b"{}"


def values(secrets: Any) -> list[str]:
    return sorted(secret.value for secret in secrets)


async def test_a_secret_that_was_rotated_in_is_found_without_a_restart(port: int, scene: Scene) -> None:
    await scene.book.load()
    scene.secrets[:] = ["whsec_new"]
    assert (await ask(port, signed(BODY, "whsec_new"))).status == 200
    assert values(scene.book.known.retired) == [SECRET]


async def test_many_who_come_with_the_new_secret_at_once_all_pass(port: int, scene: Scene) -> None:
    await scene.book.load()
    scene.secrets[:] = ["whsec_new"]
    answers = await asyncio.gather(*(ask(port, signed(b"%d" % number, "whsec_new")) for number in range(20)))
    assert {answer.status for answer in answers} == {200}


async def test_secrets_are_read_again_at_most_once_a_second(scene: Scene, port: int) -> None:
    assert (await ask(port, signed(BODY, "whsec_new"))).status == 401
    scene.secrets.append("whsec_new")
    assert (await ask(port, signed(BODY, "whsec_new"))).status == 401
    scene.clock.move(1)
    assert (await ask(port, signed(BODY, "whsec_new"))).status == 200


async def test_a_post_without_a_signature_does_not_make_us_look(scene: Scene, port: int) -> None:
    assert (await ask(port, request(BODY))).status == 401
    scene.secrets.append("whsec_new")
    assert (await ask(port, signed(BODY, "whsec_new"))).status == 200


@pytest.mark.parametrize("trouble", ["PRAGMA query_only=ON", "ALTER TABLE webhook_secrets RENAME TO away"])
async def test_a_reload_that_fails_keeps_what_was_known(trouble: str, scene: Scene, port: int) -> None:
    await scene.book.load()
    scene.secrets.append("whsec_new")
    scene.db.write_now(lambda tx: tx.execute(text(trouble)) and None)
    with pytest.raises((DatabaseUnavailable, OperationalError)):
        await scene.book.load()
    with suppress(OperationalError):  # once more, for a connection that was read-only is opened anew
        scene.db.write_now(lambda tx: tx.execute(text(trouble)) and None)
    assert (await ask(port, signed(BODY, "whsec_other"))).status == 401
    assert values(scene.book.known.live) == [SECRET]


async def test_it_knows_the_settings_before_the_database_was_reached(scene: Scene) -> None:
    assert values(scene.book.known.live) == [SECRET]


async def test_a_secret_is_retired_and_comes_back(scene: Scene) -> None:
    await scene.book.load()
    scene.secrets[:] = []
    await scene.book.load()
    assert (values(scene.book.known.live), values(scene.book.known.retired)) == ([], [SECRET])
    scene.secrets[:] = [f" {SECRET}\n"]
    await scene.book.load()
    assert (values(scene.book.known.live), values(scene.book.known.retired)) == ([SECRET], [])
    (row,) = await scene.rows(webhook_secrets)
    assert row.retired_at is None
    assert SECRET not in row.sealed
    told = [(one.actor, one.action, one.target) for one in await scene.rows(audit)]
    changes = ("webhook_secret.add", "webhook_secret.retire", "webhook_secret.revive")
    assert told == [("settings", action, row.fingerprint[:12]) for action in changes]


async def test_what_the_settings_name_lives_although_its_seal_cannot_be_opened(
    scene: Scene, db: Database, clock: StillClock, ids: Ids
) -> None:
    await scene.book.load()
    other = SecretBook(db, Sealer(["another key"]), clock, ids, lambda: [SECRET])
    await other.load()
    assert values(other.known.live) == [SECRET]
    forgetful = SecretBook(db, Sealer(["another key"]), clock, ids, list)
    await forgetful.load()
    assert (forgetful.known.live, forgetful.known.retired) == ((), ())


async def test_secrets_that_heygen_gave_live_beside_the_settings(scene: Scene, ids: Ids) -> None:
    def given(tx: Tx) -> None:
        row = {"id": ids.new(), "source": "heygen", "fingerprint": "f" * 64, "created_at": scene.clock.now()}
        tx.execute(insert(webhook_secrets), row | {"sealed": scene.sealer.seal("whsec_registered")})

    await scene.db.write(given)
    await scene.book.load()
    assert values(scene.book.known.live) == sorted([SECRET, "whsec_registered"])
    retired = update(webhook_secrets).where(webhook_secrets.c.source == "heygen").values(retired_at=scene.clock.now())
    await scene.db.write(lambda tx: tx.execute(retired) and None)
    await scene.book.load()
    assert values(scene.book.known.retired) == ["whsec_registered"]


async def test_no_secret_is_ever_kept_in_clear(port: int, scene: Scene) -> None:
    await ask(port, signed(BODY, "whsec_wrong"))
    kept = await scene.db.read(lambda conn: conn.execute(select(rejections)).fetchall())
    assert "whsec" not in str(kept)
