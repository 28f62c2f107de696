"""What people do about incidents and rules, over the API."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from reelhook.api import create_api
from reelhook.auth import Principal
from reelhook.auth.principal import of_key
from reelhook.db.tables import api_keys, audit, rule_readings
from reelhook.kit.times import rfc3339
from reelhook.monitoring.snapshot import Around, Disk
from tests.monitoring.scene import ADA, OPERATOR, Scene, person

MISSING = "0192c000-0000-7000-8000-000000000404"


class Caller:
    """The API, and who calls it."""

    def __init__(self, scene: Scene) -> None:
        self.principal: Principal = OPERATOR
        self.app = create_api(*scene.alerts.routers())

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        scope["state"] = {"principal": self.principal}
        await self.app(scope, receive, send)


@pytest.fixture
def caller(scene: Scene) -> Caller:
    return Caller(scene)


@pytest.fixture
async def http(caller: Caller) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=caller, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://us/api/v1") as client:
        yield client


async def said(http: httpx2.AsyncClient, path: str, status: int = 200, **body: Any) -> Any:
    answer = await http.post(path, json=body or None)
    assert answer.status_code == status, answer.text
    return answer.json()


async def open_one(scene: Scene) -> str:
    await scene.sees(dead=1)
    return str((await scene.one())["id"])


async def test_an_incident_says_what_it_means_and_what_helps(http: httpx2.AsyncClient, scene: Scene) -> None:
    incident_id = await open_one(scene)
    shown = (await http.get(f"/incidents/{incident_id}")).json()
    assert shown["title"] == "Dead letters"
    assert shown["runbook"] == "docs/runbooks/dead_letters.md"
    assert shown["link"] == {"label": "Jobs that need a person", "path": "/jobs"}
    assert shown["means"]
    assert shown["helps"]
    assert [entry["kind"] for entry in shown.pop("entries")] == ["opened"]
    assert (await http.get("/incidents")).json() == {"data": [shown], "next_cursor": None}


async def test_a_link_leads_to_what_it_is_about(scene: Scene) -> None:
    made = await scene.acts.drill(OPERATOR, "endpoint_disabled")
    assert made["link"]["path"] == "/settings/webhooks/made-up"


async def test_who_saw_it_silenced_it_took_it_and_wrote_is_its_story(
    http: httpx2.AsyncClient, scene: Scene, caller: Caller
) -> None:
    incident_id = await open_one(scene)
    await scene.meet()
    await scene.add(
        api_keys, id="k", name="builder", prefix="rk", key_hash="h", role="operator", created_at=scene.clock.now()
    )
    one = f"/incidents/{incident_id}"
    acknowledged = (await said(http, f"{one}/acknowledge"))["acknowledged"]
    assert acknowledged["by"] == {"actor": "key:k", "name": "builder"}
    await said(http, f"{one}/acknowledge", 409)
    caller.principal = person()
    until = rfc3339(scene.clock.now() + timedelta(hours=2))
    assert (await said(http, f"{one}/silence", until=until))["silenced_until"] == until
    assert (await said(http, f"{one}/silence", until=None))["silenced_until"] is None
    assigned = await said(http, f"{one}/assign", person_id=ADA)
    assert assigned["assigned"] == {"id": ADA, "name": "ada@example.com"}
    assert (await said(http, f"{one}/assign", person_id=None))["assigned"] is None
    told = await said(http, f"{one}/note", text="  the store's key was old\n")
    entries = [(entry["kind"], (entry["by"] or {}).get("name"), entry["message"]) for entry in told["entries"]]
    ada = "ada@example.com"
    assert entries == [
        ("opened", None, "1 job needs a person"),
        ("acknowledged", "builder", "Acknowledged"),
        ("silenced", ada, "Silenced"),
        ("unsilenced", ada, "The silence was ended"),
        ("assigned", ada, "Assigned"),
        ("assigned", ada, "Given back"),
        ("note", ada, "the store's key was old"),
    ]
    verbs = ["acknowledge", "silence", "silence", "assign", "assign", "note"]
    assert [row.action for row in await scene.rows(audit)] == [f"incident.{verb}" for verb in verbs]


async def test_what_makes_no_sense_is_refused(http: httpx2.AsyncClient, scene: Scene) -> None:
    incident_id = await open_one(scene)
    nonsense: list[tuple[str, dict[str, Any]]] = [
        ("silence", {"until": "2026-11-21T12:00:00Z"}),
        ("silence", {"until": "2026-12-21T12:00:00Z"}),
        ("silence", {"until": "tomorrow"}),
        ("silence", {}),
        ("assign", {"person_id": MISSING}),
        ("assign", {"who": None}),
        ("note", {"text": "  "}),
        ("note", {"text": "\x00"}),
    ]
    for path, body in nonsense:
        answer = await http.post(f"/incidents/{incident_id}/{path}", json=body)
        assert answer.status_code == 422, (path, body, answer.text)
    assert await scene.story(incident_id) == ["opened"]
    assert await scene.rows(audit) == []


async def test_a_person_closes_only_what_no_rule_holds_open(http: httpx2.AsyncClient, scene: Scene) -> None:
    incident_id = await open_one(scene)
    refused = await said(http, f"/incidents/{incident_id}/resolve", 409)
    assert "1 job needs a person" in refused["detail"]
    await scene.db.write(lambda tx: tx.execute(rule_readings.delete()) and None)  # nothing was read since
    closed = await said(http, f"/incidents/{incident_id}/resolve")
    assert closed["state"] == "resolved"
    assert closed["entries"][-1]["message"] == "Closed by hand"
    for act in ("resolve", "acknowledge"):
        await said(http, f"/incidents/{incident_id}/{act}", 409)
    await said(http, f"/incidents/{incident_id}/note", text="it was the store")


async def test_what_is_just_below_what_closes_can_be_closed(http: httpx2.AsyncClient, scene: Scene) -> None:
    await scene.sees(succeeded=10, failed=10)
    await scene.sees(succeeded=10, failed=10)
    await scene.sees(succeeded=20)
    (row,) = await scene.open()
    await said(http, f"/incidents/{row.id}/resolve")


async def test_incidents_are_found_by_state_rule_and_severity(http: httpx2.AsyncClient, scene: Scene) -> None:
    await scene.sees(dead=1, around=Around(disks=(Disk("/a", 96),)))
    await scene.sees(around=Around(disks=(Disk("/a", 96),)))
    await said(http, "/rules/backlog_age/drill", 201)

    async def found(**which: str) -> list[str]:
        return [one["rule"] for one in (await http.get("/incidents", params=which)).json()["data"]]

    assert await found() == ["backlog_age", "disk_full", "dead_letters"]
    assert await found(state="open") == ["backlog_age", "disk_full"]
    assert await found(state="resolved") == ["dead_letters"]
    assert await found(state="open", severity="critical") == ["disk_full"]
    assert await found(rule="dead_letters") == ["dead_letters"]
    assert await found(drill="true") == ["backlog_age"]
    assert await found(drill="false", state="open") == ["disk_full"]
    assert (await http.get("/incidents/counts")).json()["data"] == {"open": 1, "warning": 0, "critical": 1, "drill": 1}
    first = (await http.get("/incidents", params={"limit": 2})).json()
    rest = (await http.get("/incidents", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [one["rule"] for one in rest["data"]] == ["dead_letters"]
    assert (await http.get("/incidents", params={"severity": "awful"})).status_code == 422
    assert (await http.get(f"/incidents/{MISSING}")).status_code == 404


async def test_a_drill_takes_the_same_way_and_is_marked(http: httpx2.AsyncClient, scene: Scene) -> None:
    await scene.sees(dead=1)
    scene.heard()
    made = await said(http, "/rules/dead_letters/drill", 201)
    assert (made["drill"], made["state"], made["says"]) == (True, "open", "3 jobs need a person")
    assert scene.heard() == [("opened", "dead_letters", "warning")]
    await said(http, "/rules/dead_letters/drill", 409)
    assert (await said(http, f"/incidents/{made['id']}/resolve"))["state"] == "resolved"
    assert scene.heard() == [("resolved", "dead_letters", "warning")]
    assert [one.drill for one in await scene.open()] == [False], "the real one stays"
    await said(http, "/rules/no_such_rule/drill", 404)


async def test_every_rule_shows_its_limits_and_what_it_read_last(http: httpx2.AsyncClient, scene: Scene) -> None:
    before = {one["name"]: one for one in (await http.get("/rules")).json()["data"]}
    assert before["disk_full"]["value"] is before["disk_full"]["evaluated_at"] is None
    await scene.sees(around=Around(disks=(Disk("/a", 50), Disk("/b", 91), Disk("/c", 20))))
    rules = {one["name"]: one for one in (await http.get("/rules")).json()["data"]}
    disk = rules["disk_full"]
    assert (disk["value"], disk["says"], disk["state"]) == (91, "The disk of /b is 91 % full", "open")
    assert (disk["threshold"], disk["closes"], disk["unit"]) == (90, 88, "percent")
    assert [level["severity"] for level in disk["levels"]] == ["warning", "critical", "critical"]
    assert disk["incident_id"] == (await scene.one())["id"]
    assert disk["evaluated_at"] == rfc3339(scene.clock.now())
    assert {one["state"] for name, one in rules.items() if name != "disk_full"} == {"calm"}


async def test_a_person_decides_from_when_on_a_rule_speaks(http: httpx2.AsyncClient, scene: Scene) -> None:
    async def change(name: str, status: int = 200, **asked: Any) -> Any:
        answer = await http.patch(f"/rules/{name}", json=asked)
        assert answer.status_code == status, answer.text
        return answer.json()

    assert (await change("dead_letters", threshold=3))["threshold"] == 3
    await scene.sees(dead=2)
    assert await scene.open() == []
    await scene.sees(dead=3)
    assert len(await scene.open()) == 1
    off = await change("dead_letters", enabled=False)
    assert (off["state"], off["threshold"], off["value"]) == ("off", 3, None)
    assert await scene.open() == []
    await scene.sees(dead=9)
    assert await scene.open() == []
    on = await change("dead_letters", enabled=True, threshold=None)
    assert (on["state"], on["threshold"]) == ("calm", 1)
    assert await change("dead_letters") == on
    for name, asked, status in (
        ("no_such_rule", {"enabled": True}, 404),
        ("dead_letters", {"enabled": None}, 422),
        ("dead_letters", {"threshold": 0}, 422),
        ("dead_letters", {"closes": 1}, 422),
        ("dead_letters", {"threshold": 1e12}, 422),
        ("disk_full", {"threshold": 101}, 422),
        ("endpoint_disabled", {"threshold": 2}, 422),
    ):
        await change(name, status, **asked)
    changed = [(row.action, row.data) for row in await scene.rows(audit)]
    assert changed == [
        ("rule.change", {"threshold": 3}),
        ("rule.change", {"enabled": False}),
        ("rule.change", {"enabled": True, "threshold": None}),
    ]


async def test_a_look_can_be_asked_for(http: httpx2.AsyncClient, scene: Scene) -> None:
    told = await said(http, "/rules/evaluate")
    assert {one["evaluated_at"] for one in told["data"]} == {None, rfc3339(scene.clock.now())}  # HeyGen was not asked


async def test_a_viewer_may_neither_look_nor_act(http: httpx2.AsyncClient, caller: Caller) -> None:
    caller.principal = of_key("k", "viewer", "viewer", None)
    for path in ("/incidents", "/incidents/counts", f"/incidents/{MISSING}", "/rules"):
        assert (await http.get(path)).status_code == 403
    assert (await http.post("/rules/dead_letters/drill")).status_code == 403
