"""Changes of who may do what: keys, people, invitations, passwords, and where people are signed in."""

from tests.house.acting import EMAIL, PASSWORD, Call, World


async def create_key(world: World) -> Call:
    return Call("/api/v1/keys", {"name": "another", "role": "viewer"}, "*")


async def revoke_key(world: World) -> Call:
    key_id = (await world.made("/api/v1/keys", {"name": "short", "role": "viewer"}))["id"]
    return Call(f"/api/v1/keys/{key_id}", None, key_id)


async def rotate_key(world: World) -> Call:
    key_id = (await world.made("/api/v1/keys", {"name": "rotated", "role": "viewer"}))["id"]
    return Call(f"/api/v1/keys/{key_id}/rotate", {"overlap_h": 1}, key_id)


async def link_to_video(world: World) -> Call:
    video_id = await world.stored("linked")
    return Call(f"/api/v1/videos/{video_id}/links", {}, video_id)


async def create_person(world: World) -> Call:
    return Call("/api/v1/people", {"email": "new@example.com", "role": "viewer", "password": PASSWORD}, "*")


async def invite_again(world: World) -> Call:
    person_id = await world.invited("invited@example.com")
    return Call(f"/api/v1/people/{person_id}/invitation", {}, person_id)


async def withdraw_invitation(world: World) -> Call:
    person_id = await world.invited("not.invited@example.com")
    return Call(f"/api/v1/people/{person_id}/invitation", None, person_id)


async def make_reset_link(world: World) -> Call:
    person_id = await world.person("forgetful@example.com")
    return Call(f"/api/v1/people/{person_id}/reset-link", None, person_id)


async def set_password(world: World) -> Call:
    person_id = await world.person("given@example.com")
    return Call(f"/api/v1/people/{person_id}/password", {"password": "another " + PASSWORD}, person_id)


async def sign_out_person(world: World) -> Call:
    person_id = await world.browser("thrown.out@example.com")
    return Call(f"/api/v1/people/{person_id}/sessions", None, person_id)


async def erase_person(world: World) -> Call:
    person_id = await world.person("erased@example.com")
    return Call(f"/api/v1/people/{person_id}/erase", {"email": "erased@example.com", "videos": "keep"}, person_id)


async def change_my_password(world: World) -> Call:
    me = await world.browser("changes@example.com")
    body = {"current": PASSWORD, "new": "another " + PASSWORD}
    return Call("/api/v1/me/password", body, me, by="changes@example.com")


async def end_my_session(world: World) -> Call:
    me = await world.browser("two@example.com")
    first = (await world.clients["two@example.com"].get("/api/v1/me/sessions")).json()["data"][0]["id"]
    await world.sign_in("two@example.com")
    return Call(f"/api/v1/me/sessions/{first}", None, me, by="two@example.com")


async def end_my_other_sessions(world: World) -> Call:
    me = await world.browser("many@example.com")
    await world.sign_in("many@example.com")
    return Call("/api/v1/me/sessions", None, me, by="many@example.com")


def a_browser(world: World) -> dict[str, object]:
    """What a browser says that takes push messages: the RFC's own keys."""
    keys = {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    }
    return {"endpoint": f"{world.url}/push", "keys": keys}


async def add_browser(world: World) -> Call:
    await world.browser("takes@example.com")
    return Call("/api/v1/me/push-subscriptions", a_browser(world), "*", by="takes@example.com")


async def remove_browser(world: World) -> Call:
    await world.browser("took@example.com")
    added = await world.clients["took@example.com"].post("/api/v1/me/push-subscriptions", json=a_browser(world))
    id = added.json()["id"]
    return Call(f"/api/v1/me/push-subscriptions/{id}", None, id, by="took@example.com")


async def erase_me(world: World) -> Call:
    me = await world.browser("goes@example.com")
    # Where an erased person was is part of what is erased.
    body = {"password": PASSWORD, "videos": "keep"}
    return Call("/api/v1/me/erase", body, me, by="goes@example.com", remote=None)


async def change_person(world: World) -> Call:
    person_id = await world.person("promoted@example.com")
    return Call(f"/api/v1/people/{person_id}", {"role": "operator"}, person_id)


async def disable_person(world: World) -> Call:
    person_id = await world.person("gone@example.com")
    return Call(f"/api/v1/people/{person_id}", None, person_id)


async def make_link(world: World) -> Call:
    person_id = await world.person("linked@example.com")
    return Call(f"/api/v1/people/{person_id}/sign-in-link", None, person_id)


async def sign_in(world: World) -> Call:
    return Call("/api/v1/session", {"email": EMAIL, "password": PASSWORD}, world.actors["person"][7:], by="person")


async def sign_in_by_link(world: World) -> Call:
    person_id = world.actors["person"][7:]
    link = await world.write(lambda tx: world.service.parts.access.links.issue(tx, person_id))
    return Call("/api/v1/session/link", {"token": link.token}, person_id, by="person")


async def sign_out(world: World) -> Call:
    return Call("/api/v1/session", None, world.actors["person"][7:], by="person")
