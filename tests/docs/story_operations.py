"""Whether it is well, what is kept, and the end of it."""

from datetime import UTC, datetime, timedelta

from tests.docs.asking import EMAIL, PASSWORD, Asking

INCIDENT = "/api/v1/incidents/{incident_id}"


def tell(one: Asking) -> None:
    _health(one)
    _incidents(one)
    _errors(one)
    _numbers(one)
    _keeping(one)
    one.ask("POST", "/api/v1/me/erase", {"password": f"{PASSWORD} staple", "videos": "keep"}, by=one.ada)


def _health(one: Asking) -> None:
    one.ask("GET", "/healthz")
    one.ask("GET", "/readyz")
    one.ask("GET", "/metrics")
    one.wait("/api/v1/processes", lambda found: found["data"])
    one.ask("GET", "/api/v1/processes")
    one.ask("GET", "/api/v1/reconcile")
    one.ask("POST", "/api/v1/reconcile", {"kinds": ["stores"], "mend": False})


def _incidents(one: Asking) -> None:
    one.ask("GET", "/api/v1/rules")
    one.ask("PATCH", "/api/v1/rules/{name}", {"threshold": 5}, name="dead_letters")
    made = one.ask("POST", "/api/v1/rules/{name}/drill", name="dead_letters")
    one.ask("POST", "/api/v1/rules/evaluate")
    one.ask("GET", "/api/v1/incidents", query={"state": "open", "limit": 1})
    one.ask("GET", "/api/v1/incidents/counts")
    incident = {"incident_id": made["id"]}
    one.ask("GET", INCIDENT, **incident)
    one.ask("POST", f"{INCIDENT}/acknowledge", **incident)
    one.ask("POST", f"{INCIDENT}/note", {"text": "Looking into it"}, **incident)
    (ada,) = one.admin.get("/api/v1/people", params={"email": EMAIL}).json()["data"]
    one.ask("POST", f"{INCIDENT}/assign", {"person_id": ada["id"]}, **incident)
    one.ask("POST", f"{INCIDENT}/silence", {"until": (datetime.now(UTC) + timedelta(hours=4)).isoformat()}, **incident)
    one.ask("POST", f"{INCIDENT}/resolve", **incident)


def _errors(one: Asking) -> None:
    found = one.wait("/api/v1/errors", lambda errors: errors["data"])["data"]
    one.ask("GET", "/api/v1/errors", query={"limit": 1})
    error = {"error_id": found[0]["id"]}
    one.ask("GET", "/api/v1/errors/{error_id}", **error)
    one.ask("POST", "/api/v1/errors/{error_id}/resolve", **error)
    one.ask("POST", "/api/v1/errors/{error_id}/reopen", **error)


def _numbers(one: Asking) -> None:
    one.ask("GET", "/api/v1/analytics/summary")
    one.ask("GET", "/api/v1/analytics/series", query={"metric": "accepted", "step": "day"})
    one.ask("GET", "/api/v1/analytics/breakdown", query={"metric": "asked"})
    one.ask("GET", "/api/v1/analytics/usage")
    one.ask("GET", "/api/v1/analytics/live")
    one.ask("GET", "/api/v1/objectives")


def _keeping(one: Asking) -> None:
    one.ask("GET", "/api/v1/stores")
    one.ask("POST", "/api/v1/stores/{name}/check", name="local")
    with one.service.local() as machine:
        backup = {"path": str(one.service.folder / "backup"), "with_key": False}
        one.ask("POST", "/api/v1/backups", backup, by=machine)
    one.ask("GET", "/api/v1/secrets")
    one.ask("POST", "/api/v1/secrets/reseal")
    one.ask("GET", "/api/v1/keeping")
    one.ask("GET", "/api/v1/audit", query={"limit": 1})
    one.ask("GET", "/api/v1/audit/export", query={"format": "csv"})
