"""Keys, people, sessions, and oneself."""

from tests.docs.asking import EMAIL, PASSWORD, Asking


def tell(one: Asking) -> None:
    _keys(one)
    _people(one)
    _session(one)
    _me(one)


def _keys(one: Asking) -> None:
    made = one.ask("POST", "/api/v1/keys", {"name": "my-app", "role": "operator", "ttl_days": 365})
    one.ask("GET", "/api/v1/keys", query={"limit": 2})
    one.ask("GET", "/api/v1/keys/roles")
    one.ask("POST", "/api/v1/keys/{key_id}/rotate", {"overlap_h": 24}, key_id=made["id"])
    one.ask("DELETE", "/api/v1/keys/{key_id}", key_id=made["id"])
    one.ask("POST", "/api/v1/stream-tokens", {"subject": "customer-12", "ttl_s": 3600})


def _people(one: Asking) -> None:
    grace = {"email": "grace@example.com", "role": "operator", "hand_over": True}
    grace_id = one.ask("POST", "/api/v1/people", grace)["id"]
    one.ask("GET", "/api/v1/people", query={"limit": 2})
    one.ask("POST", "/api/v1/people/{person_id}/invitation", {"hand_over": True}, person_id=grace_id)
    one.ask("DELETE", "/api/v1/people/{person_id}/invitation", person_id=grace_id)
    ada = {"email": EMAIL, "role": "admin", "password": PASSWORD}
    ada_id = one.admin.post("/api/v1/people", json=ada).raise_for_status().json()["id"]
    another = {"email": "barbara@example.com", "role": "admin", "password": PASSWORD}  # the last admin cannot go
    one.admin.post("/api/v1/people", json=another).raise_for_status()
    one.ask("GET", "/api/v1/people/{person_id}/sessions", person_id=ada_id)
    one.ask("DELETE", "/api/v1/people/{person_id}/sessions", person_id=ada_id)
    one.ask("POST", "/api/v1/people/{person_id}/reset-link", person_id=ada_id)
    alan = {"email": "alan@example.com", "role": "viewer", "password": PASSWORD}
    alan_id = one.admin.post("/api/v1/people", json=alan).raise_for_status().json()["id"]
    one.ask("PATCH", "/api/v1/people/{person_id}", {"role": "operator"}, person_id=alan_id)
    one.ask("PUT", "/api/v1/people/{person_id}/password", {"password": "another long one"}, person_id=alan_id)
    one.ask("GET", "/api/v1/people/{person_id}/export", person_id=alan_id)
    one.ask("DELETE", "/api/v1/people/{person_id}", person_id=alan_id)
    erased = {"email": "alan@example.com", "videos": "keep"}
    one.ask("POST", "/api/v1/people/{person_id}/erase", erased, person_id=alan_id)
    link = one.ask("POST", "/api/v1/people/{person_id}/sign-in-link", person_id=ada_id)
    one.ask("POST", "/api/v1/session/link", {"token": link["token"]}, by=one.ada)


def _session(one: Asking) -> None:
    one.ask("DELETE", "/api/v1/session", by=one.ada)
    one.ask("POST", "/api/v1/session", {"email": EMAIL, "password": PASSWORD}, by=one.ada)
    one.ask("GET", "/api/v1/session", by=one.ada)
    one.ask("POST", "/api/v1/session/forgotten", {"email": "grace@example.com"}, by=one.ada)
    one.ask("GET", "/api/v1/session/oidc", by=one.ada)


def _me(one: Asking) -> None:
    one.ask("GET", "/api/v1/me", by=one.ada)
    body = {"current": PASSWORD, "new": PASSWORD + " staple"}
    one.ask("PUT", "/api/v1/me/password", body, by=one.ada)
    with one.ada.__class__(base_url=one.service.base, headers={"x-reelhook": "1"}) as other:
        other.post("/api/v1/session", json={"email": EMAIL, "password": body["new"]}).raise_for_status()
        sessions = one.ask("GET", "/api/v1/me/sessions", by=one.ada)["data"]
    another = next(session["id"] for session in sessions if not session["current"])
    one.ask("DELETE", "/api/v1/me/sessions/{session_id}", by=one.ada, session_id=another)
    one.ask("DELETE", "/api/v1/me/sessions", by=one.ada)
    one.ask("GET", "/api/v1/me/export", by=one.ada)
