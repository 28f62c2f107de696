"""What is known about a person: all of it exported, and all of it erased."""

import pytest
from sqlalchemy import select, update

from reelhook.auth import local_admin
from reelhook.db.tables import audit, incidents, jobs, people, videos
from reelhook.jobs.kinds import ReleaseVideos
from reelhook.personal import export, handler
from tests.personal.house import ADDRESS, AGENT, EMAIL, PASSWORD, House


@pytest.mark.parametrize("page", [1, 200])
async def test_the_export_holds_all_about_one_person_and_no_secret(
    house: House, eve: str, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PAGE", page)
    browser = await house.sign_in()
    own, foreign = [await house.video(eve) for _ in range(3)], await house.video("somebody")
    await house.told(eve, own[0])
    answer = await browser.get("/me/export")
    assert answer.headers["content-disposition"] == f'attachment; filename="reelhook-{eve}.json"'
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    head = ["exported_at", "account", "sessions", "links", "identities", "incidents"]
    head += ["preferences", "muted_videos", "browsers"]
    assert list(told) == [*head, "audit", "incident_entries", "notifications", "videos"]
    assert [one["volume"] for one in told["preferences"]] == [70]
    assert [one["video_id"] for one in told["muted_videos"]] == own[:1]
    assert [one["device"] for one in told["browsers"]] == ["A phone"]
    assert [(one["title"], len(one["deliveries"])) for one in told["notifications"]] == [
        ("Ready one", 1),
        ("Ready two", 1),
    ]
    assert told["account"] == {
        "id": eve,
        "email": EMAIL,
        "role": "viewer",
        "created_at": "2026-11-22T12:00:00.000Z",
        "disabled_at": None,
        "erased_at": None,
        "has_password": True,
    }
    assert [(one["user_agent"], one["remote"]) for one in told["sessions"]] == [(AGENT, ADDRESS)]
    assert [one["purpose"] for one in told["links"]] == ["sign_in"]
    assert [one["subject"] for one in told["identities"]] == ["eve-there"]
    assert [one["says"] for one in told["incidents"]] == ["it is"]
    assert [one["message"] for one in told["incident_entries"]] == ["seen to"]
    actions = ["person.create", "person.sign_in_link", "session.create", "person.export"]
    assert [one["action"] for one in told["audit"]] == actions
    assert [one["id"] for one in told["videos"]] == own
    assert [(len(one["timeline"]), len(one["assets"]), len(one["seen"])) for one in told["videos"]] == [(1, 1, 1)] * 3
    assert foreign not in answer.text
    assert "secret" not in answer.text
    assert "hash" not in answer.text
    by_admin = (await (await house.admin()).get(f"/people/{eve}/export")).json()
    assert by_admin["account"] == told["account"]


async def test_who_may_export_whom(house: House, eve: str) -> None:
    browser, admin = await house.sign_in(), await house.admin()
    assert (await browser.get(f"/people/{eve}/export")).status_code == 403
    assert (await admin.get("/people/nobody/export")).status_code == 404
    assert (await admin.get("/me/export")).json()["code"] == "not_a_person"


@pytest.mark.parametrize("delete", [False, True])
async def test_an_erased_person_leaves_an_id_and_nothing_else(house: House, eve: str, delete: bool) -> None:
    browser, admin = await house.sign_in(), await house.admin()
    await house.rows(select(people))
    own, foreign = [await house.video(eve) for _ in range(2)], await house.video("somebody")
    await house.told(eve, own[0])
    body = {"email": "Eve@Example.com ", "videos": "delete" if delete else "keep"}
    assert (await admin.post(f"/people/{eve}/erase", json=body)).status_code == 204
    assert (await browser.get("/me")).status_code == 401, "signed out at once"
    written = await house.everything()
    for trace in (EMAIL, AGENT, "eve-there", "argon2", "Ready one", "push.example"):
        assert trace not in written, trace
    assert [row.person_id for row in await house.rows(select(incidents))] == [None]
    row = (await house.rows(select(people)))[0]
    assert (row.email, row.password_hash, bool(row.disabled_at)) == (f"erased-{eve}", None, True)
    (work,) = [
        ReleaseVideos(**row.payload) for row in await house.rows(select(jobs).where(jobs.c.kind == "release_videos"))
    ]
    await house.release(work)
    left = {row.id: row.subject for row in await house.rows(select(videos.c.id, videos.c.subject))}
    assert left == {foreign: "somebody"} | ({} if delete else dict.fromkeys(own, None))
    deleting = await house.rows(select(jobs.c.payload).where(jobs.c.kind == "delete_stored"))
    assert len(deleting) == (2 if delete else 0)
    entry = (await house.rows(select(audit).order_by(audit.c.id.desc())))[0]
    assert (entry.action, entry.target, entry.data) == ("person.erase", eve, {"videos": body["videos"]})
    shown = (await admin.get("/audit")).json()["data"]
    assert {one["target_name"] for one in shown if one["target"] == eve} == {f"erased-{eve}"}


async def test_nothing_brings_an_erased_person_back(house: House, eve: str) -> None:
    admin = await house.admin()
    body = {"email": EMAIL, "videos": "keep"}
    await admin.post(f"/people/{eve}/erase", json=body)
    for method, path, more in (
        ("PATCH", "", {"disabled": False}),
        ("PATCH", "", {"role": "admin"}),
        ("POST", "/erase", body),
    ):
        refused = await admin.request(method, f"/people/{eve}{path}", json=more)
        assert (refused.status_code, refused.json()["code"]) == (409, "erased")
    assert (await admin.post(f"/people/{eve}/sign-in-link")).status_code == 409
    again = await admin.post("/people", json={"email": EMAIL, "role": "viewer"})
    assert again.status_code == 201, "the address is free"
    assert again.json()["id"] != eve


async def test_an_erasure_has_to_be_meant(house: House, eve: str) -> None:
    admin = await house.admin()
    for body, status in (
        ({"email": "ben@example.com", "videos": "keep"}, 409),
        ({"email": EMAIL}, 422),
        ({"email": EMAIL, "videos": "sell"}, 422),
        ({"videos": "keep"}, 422),
    ):
        assert (await admin.post(f"/people/{eve}/erase", json=body)).status_code == status
    assert (await admin.post("/people/nobody/erase", json={"email": EMAIL, "videos": "keep"})).status_code == 404
    await house.sign_in()
    narrow = await house.access.keys.create(local_admin(), "n", "admin", ["people:write"])
    weak = house.client(authorization=f"Bearer {narrow.key}")
    assert (await weak.post(f"/people/{eve}/erase", json={"email": EMAIL, "videos": "keep"})).status_code == 403


async def test_one_erases_oneself_with_the_password(house: House, eve: str) -> None:
    browser = await house.sign_in()
    wrong = await browser.post("/me/erase", json={"password": "wrong password", "videos": "keep"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_password")
    done = await browser.post("/me/erase", json={"password": PASSWORD, "videos": "keep"})
    assert done.status_code == 204
    assert 'reelhook=""' in done.headers["set-cookie"], "the browser forgets it too"
    assert (await house.rows(select(people.c.email))) == [(f"erased-{eve}",)]
    entry = (await house.rows(select(audit).order_by(audit.c.id.desc())))[0]
    assert (entry.actor, entry.remote) == (f"person:{eve}", None), "an address in the log could not be erased"
    program = await house.admin()
    assert (await program.post("/me/erase", json={"password": PASSWORD, "videos": "keep"})).status_code == 409


async def test_the_last_admin_stays_unless_disabled(house: House, eve: str) -> None:
    await house.db.write(lambda tx: tx.execute(update(people).values(role="admin")) and None)
    browser, admin = await house.sign_in(), await house.admin()
    refused = await browser.post("/me/erase", json={"password": PASSWORD, "videos": "keep"})
    assert (refused.status_code, refused.json()["code"]) == (409, "last_admin")
    assert (await admin.post(f"/people/{eve}/erase", json={"email": EMAIL, "videos": "keep"})).status_code == 409
    other = await house.access.people.create(local_admin(), "ben@example.com", "admin")
    await house.access.people.change(local_admin(), other.id, disabled=True)
    assert (await browser.post("/me/erase", json={"password": PASSWORD, "videos": "keep"})).status_code == 409
    erased = await admin.post(f"/people/{other.id}/erase", json={"email": "ben@example.com", "videos": "keep"})
    assert erased.status_code == 204, "a disabled admin is not the last one"


async def test_videos_are_released_in_small_batches(house: House, eve: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "BATCH", 2)
    for _ in range(5):
        await house.video(eve)
    for delete in (False, True):
        await house.release(ReleaseVideos(subject=eve, delete=delete))
    assert await house.rows(select(videos.c.subject)) == [(None,)] * 5


async def test_a_key_is_known_by_either_secret_on_both_databases(house: House) -> None:
    first = await house.access.keys.create(local_admin(), "n", "viewer", ttl_days=1)
    second = await house.access.keys.rotate(local_admin(), first.id)
    found = [await house.access.keys.find(one.key) for one in (first, second)]
    assert [one and one.id for one in found] == [first.id, first.id]
    principals = {one for one in found if one is not None}
    assert await house.access.standing.lost(principals) == set()
    house.clock.move(24 * 3600)
    assert await house.access.standing.lost(principals) == principals
