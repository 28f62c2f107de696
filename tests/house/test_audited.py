"""Every operation that changes something leaves exactly one entry in the audit log: who, what, to what, from where.

A new operation belongs on one of the two lists: on AUDITED with its action and a real call, or on UNRECORDED with the
reason why nobody will ever ask who did it.
"""

import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from reelhook.app import Service
from reelhook.auth import local_admin
from reelhook.db.tables import (
    audit,
)
from reelhook.settings import Settings
from reelhook.simulators.process import SimulatorConfig, running
from tests.house.acting import EMAIL, PASSWORD, Row, World, client, local
from tests.house.changing_access import (
    add_browser,
    change_my_password,
    change_person,
    create_key,
    create_person,
    disable_person,
    end_my_other_sessions,
    end_my_session,
    erase_me,
    erase_person,
    invite_again,
    link_to_video,
    make_link,
    make_reset_link,
    remove_browser,
    revoke_key,
    rotate_key,
    set_password,
    sign_in,
    sign_in_by_link,
    sign_out,
    sign_out_person,
    withdraw_invitation,
)
from tests.house.changing_alerts import (
    acknowledge,
    assign,
    change_rule,
    drill,
    evaluate,
    note,
    reopen_error,
    resolve,
    resolve_error,
    silence,
)
from tests.house.changing_telling import (
    add_chat,
    change_chat,
    chat_again,
    delete_chat,
    set_notifications,
    try_chat,
)
from tests.house.changing_work import (
    back_up,
    change_subscription,
    change_video,
    create_video,
    delete_video,
    discard_job,
    reconcile,
    register_endpoint,
    replay_deliveries,
    replay_delivery,
    replay_event,
    replay_events,
    reseal,
    retry_job,
    retry_jobs,
    retry_video,
    rotate_secret,
    rotate_subscription,
    subscribe,
    try_subscription,
    unsubscribe,
)
from tests.house.test_routes import api
from tests.ingest.serving import served
from tests.servers import prepared_file

__all__ = ["api", "prepared_file"]

MUTATING = frozenset({"post", "put", "patch", "delete"})
UNRECORDED = {
    "POST /webhooks/heygen": "HeyGen speaks here: what it says is kept as events",
    "POST /webhooks/heygen/callback/{token}": "the same",
    "POST /api/v1/videos/{video_id}/seen": "what a browser showed, and nobody's decision",
    "POST /api/v1/session/forgotten": "anybody may ask; the letter, and the new password, leave entries of their own",
    "POST /api/v1/signature-check": "explains, and keeps nothing",
    "POST /api/v1/stores/{name}/check": "tries the store with a file of its own, and takes it away again",
    "POST /api/v1/me/notifications/seen": "what one person has seen, and nobody else is told",
    "POST /api/v1/me/notifications/{notification_id}/claim": "which of one's own devices rings",
    "POST /api/v1/me/notifications/{notification_id}/deliveries/{channel}/again": "to oneself; its delivery shows it",
    "PUT /api/v1/me/preferences": "what one person wants to hear changes nothing for anybody else",
    "POST /api/v1/me/preferences/test": "to oneself",
    "PUT /api/v1/me/muted-videos/{video_id}": "as preferences",
    "DELETE /api/v1/me/muted-videos/{video_id}": "as preferences",
    "POST /unsubscribe/{token}": "as preferences, by the link in a letter",
    "POST /api/v1/stream-tokens": "stores nothing and changes nothing; the token itself names who gave it out",
}


AUDITED: dict[str, tuple[str, Row]] = {
    "POST /api/v1/videos": ("video.create", create_video),
    "PATCH /api/v1/videos/{video_id}": ("video.change", change_video),
    "DELETE /api/v1/videos/{video_id}": ("video.delete", delete_video),
    "POST /api/v1/videos/{video_id}/retry": ("video.retry", retry_video),
    "POST /api/v1/jobs/{job_id}/retry": ("job.retry", retry_job),
    "POST /api/v1/jobs/retry": ("job.retry_chosen", retry_jobs),
    "POST /api/v1/jobs/{job_id}/discard": ("job.discard", discard_job),
    "POST /api/v1/events/{event_id}/replay": ("event.replay", replay_event),
    "POST /api/v1/events/replay": ("events.replay", replay_events),
    "POST /api/v1/reconcile": ("reconcile.run", reconcile),
    "POST /api/v1/incidents/{incident_id}/acknowledge": ("incident.acknowledge", acknowledge),
    "POST /api/v1/incidents/{incident_id}/silence": ("incident.silence", silence),
    "POST /api/v1/incidents/{incident_id}/assign": ("incident.assign", assign),
    "POST /api/v1/incidents/{incident_id}/note": ("incident.note", note),
    "POST /api/v1/incidents/{incident_id}/resolve": ("incident.resolve", resolve),
    "POST /api/v1/errors/{error_id}/resolve": ("error.resolve", resolve_error),
    "POST /api/v1/errors/{error_id}/reopen": ("error.reopen", reopen_error),
    "PATCH /api/v1/rules/{name}": ("rule.change", change_rule),
    "POST /api/v1/rules/{name}/drill": ("rule.drill", drill),
    "POST /api/v1/rules/evaluate": ("rules.evaluate", evaluate),
    "POST /api/v1/backups": ("backup.create", back_up),
    "POST /api/v1/webhook-endpoints": ("webhook_endpoint.create", register_endpoint),
    "POST /api/v1/webhook-endpoints/{endpoint_id}/rotate-secret": ("webhook_endpoint.rotate_secret", rotate_secret),
    "POST /api/v1/secrets/reseal": ("secrets.reseal", reseal),
    "POST /api/v1/keys": ("key.create", create_key),
    "POST /api/v1/keys/{key_id}/rotate": ("key.rotate", rotate_key),
    "DELETE /api/v1/keys/{key_id}": ("key.revoke", revoke_key),
    "POST /api/v1/people": ("person.create", create_person),
    "PATCH /api/v1/people/{person_id}": ("person.role", change_person),
    "DELETE /api/v1/people/{person_id}": ("person.disable", disable_person),
    "POST /api/v1/people/{person_id}/sign-in-link": ("person.sign_in_link", make_link),
    "POST /api/v1/people/{person_id}/invitation": ("person.invite", invite_again),
    "DELETE /api/v1/people/{person_id}/invitation": ("person.disable", withdraw_invitation),
    "POST /api/v1/people/{person_id}/reset-link": ("person.reset_link", make_reset_link),
    "PUT /api/v1/people/{person_id}/password": ("person.password", set_password),
    "DELETE /api/v1/people/{person_id}/sessions": ("session.end", sign_out_person),
    "POST /api/v1/people/{person_id}/erase": ("person.erase", erase_person),
    "PUT /api/v1/me/password": ("person.password", change_my_password),
    "DELETE /api/v1/me/sessions/{session_id}": ("session.end", end_my_session),
    "DELETE /api/v1/me/sessions": ("session.end", end_my_other_sessions),
    "POST /api/v1/me/erase": ("person.erase", erase_me),
    "POST /api/v1/me/push-subscriptions": ("push_subscription.create", add_browser),
    "DELETE /api/v1/me/push-subscriptions/{subscription_id}": ("push_subscription.delete", remove_browser),
    "POST /api/v1/videos/{video_id}/links": ("link.create", link_to_video),
    "POST /api/v1/subscription-endpoints": ("subscription_endpoint.create", subscribe),
    "PATCH /api/v1/subscription-endpoints/{endpoint_id}": ("subscription_endpoint.change", change_subscription),
    "DELETE /api/v1/subscription-endpoints/{endpoint_id}": ("subscription_endpoint.delete", unsubscribe),
    "POST /api/v1/subscription-endpoints/{endpoint_id}/rotate-secret": (
        "subscription_endpoint.rotate_secret",
        rotate_subscription,
    ),
    "POST /api/v1/subscription-endpoints/{endpoint_id}/test": ("subscription_endpoint.test", try_subscription),
    "POST /api/v1/subscription-endpoints/{endpoint_id}/deliveries/{delivery_id}/replay": (
        "subscription_endpoint.replay",
        replay_delivery,
    ),
    "POST /api/v1/subscription-endpoints/{endpoint_id}/replay": (
        "subscription_endpoint.replay_many",
        replay_deliveries,
    ),
    "PUT /api/v1/notification-settings": ("notification_settings.change", set_notifications),
    "POST /api/v1/chat-destinations": ("chat_destination.create", add_chat),
    "PATCH /api/v1/chat-destinations/{chat_id}": ("chat_destination.change", change_chat),
    "DELETE /api/v1/chat-destinations/{chat_id}": ("chat_destination.delete", delete_chat),
    "POST /api/v1/chat-destinations/{chat_id}/test": ("chat_destination.test", try_chat),
    "POST /api/v1/chat-destinations/{chat_id}/messages/{message_id}/again": ("chat_destination.again", chat_again),
    "POST /api/v1/session": ("session.create", sign_in),
    "POST /api/v1/session/link": ("session.create", sign_in_by_link),
    "DELETE /api/v1/session": ("session.end", sign_out),
}


async def test_every_operation_that_changes_something_is_on_one_of_the_lists(api: Any) -> None:
    paths = api.openapi()["paths"]
    changing = {f"{method.upper()} {path}" for path, methods in paths.items() for method in MUTATING & set(methods)}
    assert changing == set(AUDITED) | set(UNRECORDED)
    assert not set(AUDITED) & set(UNRECORDED)


async def test_each_of_them_leaves_one_entry_that_says_who_what_to_what_and_from_where(world: World) -> None:
    wrong: dict[str, object] = {}
    for operation, (action, prepare) in AUDITED.items():
        call = await prepare(world)
        before = await entries(world)
        method, client = operation.partition(" ")[0], world.clients[call.by]
        answer = await client.request(method, call.path, json=call.body, params=call.query)
        new = (await entries(world))[len(before) :]
        found = [(one.actor, one.action, one.target, one.remote) for one in new]
        target = new[0].target if call.target == "*" and new else call.target
        expected = [(world.actors[call.by], action, target, None if call.by == "local" else call.remote)]
        if not answer.is_success or found != expected or (call.target == "*" and not target):
            wrong[operation] = (answer.status_code, answer.text, found, expected)
    assert wrong == {}


async def entries(world: World) -> list[Any]:
    query = select(audit).order_by(audit.c.id)
    return await world.service.parts.db.read(lambda conn: list(conn.execute(query).all()))


@pytest.fixture
async def world(prepared_file: Path, tmp_path: Path) -> AsyncIterator[World]:
    shutil.copy(prepared_file, tmp_path / "reelhook.db")
    async with AsyncExitStack() as stack:
        outside = await stack.enter_async_context(running(SimulatorConfig()))
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        base = f"127.0.0.1:{listener.getsockname()[1]}"
        service = Service(
            Settings(
                database_url=f"sqlite:///{tmp_path / 'reelhook.db'}",
                stores=f"local:{tmp_path / 'media'}",
                public_url=f"http://{base}",
                secret_key="new,old",
                heygen_base_url=outside.heygen,
                heygen_api_key=outside.heygen_api_key,
                fetch_allow=f"{base},{outside.heygen.partition('//')[2]}",
            ),
            works=False,
        )
        stack.push_async_callback(service.stop)
        service.start()
        await service.opened.wait()
        await stack.enter_async_context(served(service.asgi, listeners=[listener]))
        access = service.parts.access
        person = await access.people.create(local_admin(), EMAIL, "admin", PASSWORD)
        key = await access.keys.create(local_admin(), "program", "admin", None)
        clients = {
            "admin": client(service.asgi, headers={"authorization": f"Bearer {key.key}"}),
            "person": client(service.asgi, headers={"x-reelhook": "1"}),
            "local": client(local(service.asgi)),
        }
        for one in clients.values():
            await stack.enter_async_context(one)
        actors = {"admin": f"key:{key.id}", "person": f"person:{person.id}", "local": "local:local"}
        yield World(service, clients, actors, tmp_path, f"http://{base}/webhooks/heygen", stack)
