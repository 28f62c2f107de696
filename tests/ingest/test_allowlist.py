"""What the networks seen mean for the allowlist: who is covered, what is proposed, and what to do next."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import insert

from reelhook.api import create_api
from reelhook.auth.principal import local_admin
from reelhook.db import Database
from reelhook.db.tables import senders
from reelhook.ingest.allowlist import QUIET, Allowlist
from reelhook.ingest.sender_endpoints import router
from reelhook.kit.addresses import networks
from tests.conftest import START, StillClock
from tests.inbox.test_endpoints import known

LONG_AGO, EARLIER = START - QUIET - timedelta(hours=1), START - timedelta(hours=1)
ROW: dict[str, Any] = {
    "first_seen_at": LONG_AGO,
    "last_seen_at": EARLIER,
    "deliveries": 5,
    "outside": 0,
    "refused": 0,
    "outside_since": None,
    "last_outside_at": None,
}
OUTSIDE = {"outside": 3, "outside_since": LONG_AGO, "last_outside_at": EARLIER}
LONG_OUTSIDE = {"outside": 3, "outside_since": LONG_AGO, "last_outside_at": LONG_AGO}


@pytest.fixture
async def client(db: Database) -> Any:
    async def ask(*seen: tuple[str, dict[str, Any]], allow: tuple[str, ...] = (), enforce: bool = False) -> Any:
        rows = [{"network": name} | ROW | given for name, given in seen]
        if rows:
            await db.write(lambda tx: tx.execute(insert(senders), rows))
        api = create_api(router(db, StillClock(), Allowlist(networks(allow), enforce=enforce)))
        transport = httpx2.ASGITransport(app=known(api, local_admin()))
        async with httpx2.AsyncClient(transport=transport, base_url="http://reelhook") as http:
            answer = await http.get("/api/v1/senders")
        assert answer.status_code == 200
        return answer.json()

    return ask


async def test_the_proposal_is_the_shortest_list_of_what_was_seen_often_enough(client: Any) -> None:
    seen = [(f"3.5.{number}.0/24", {}) for number in (0, 1, 2, 3, 8)] + [
        ("2600:1f00::/48", {}),
        ("2600:1f00:1::/48", {}),
    ]
    told = await client(*seen, ("52.1.1.0/24", {"deliveries": 1}), ("10.0.0.0/24", {}))
    assert told["proposal"] == {
        "networks": ["3.5.0.0/22", "3.5.8.0/24", "2600:1f00::/47"],
        "setting": "REELHOOK_INGEST_ALLOW=3.5.0.0/22,3.5.8.0/24,2600:1f00::/47",
    }
    by_name = {one["network"]: one for one in told["data"]}
    assert [by_name[name]["proposed"] for name in ("3.5.0.0/24", "52.1.1.0/24", "10.0.0.0/24")] == [True, False, False]
    assert [by_name[name]["own"] for name in ("3.5.0.0/24", "10.0.0.0/24")] == [False, True]


async def test_whether_a_network_is_covered_by_the_list_of_now(client: Any) -> None:
    names = ("3.5.0.0/24", "3.6.0.0/24", "3.7.0.0/24", "2600:1f00::/48")
    allow = ("3.5.0.0/25", "3.5.0.128/25", "3.6.0.7/32")
    told = await client(*[(name, {}) for name in names], allow=allow)
    assert told["allow"] == ["3.5.0.0/24", "3.6.0.7/32"]
    assert [{one["network"]: one["covered"] for one in told["data"]}[name] for name in names] == [
        "yes",
        "partly",
        "no",
        "no",
    ]


async def test_without_a_list_nothing_is_covered_or_not(client: Any) -> None:
    told = await client(("3.5.0.0/24", OUTSIDE), enforce=True)
    assert (told["mode"], told["data"][0]["covered"]) == ("off", None)
    assert told["data"][0]["last_outside_at"] == "2026-11-22T11:00:00.000Z"


LIST = {"allow": ("3.5.0.0/16",)}
ENFORCED = LIST | {"enforce": True}
INSIDE, STRANGE, PROXY = "3.5.0.0/24", "52.1.1.0/24", "10.0.0.0/24"


@pytest.mark.parametrize(
    ("seen", "given", "advice"),
    [
        ([], {}, "wait"),
        ([(INSIDE, {"deliveries": 1})], {}, "wait"),
        ([(INSIDE, {})], {}, "observe"),
        ([(INSIDE, {}), (PROXY, {})], {}, "trust_proxy"),
        ([(INSIDE, {}), (PROXY, {"last_seen_at": LONG_AGO})], {}, "observe"),
        ([(INSIDE, {})], LIST, "enforce"),
        ([(INSIDE, {"first_seen_at": EARLIER})], LIST, "observe_on"),
        ([(INSIDE, {"last_seen_at": LONG_AGO})], LIST, "observe_on"),
        ([(INSIDE, {}), (STRANGE, OUTSIDE)], LIST, "observe_on"),
        ([(INSIDE, {}), (STRANGE, LONG_OUTSIDE)], LIST, "enforce"),
        ([(INSIDE, OUTSIDE)], LIST, "enforce"),  # named since
        ([(INSIDE, {})], ENFORCED, "nothing"),
        ([(INSIDE, {}), (STRANGE, OUTSIDE | {"refused": 2})], ENFORCED, "add"),
        ([(INSIDE, {}), (STRANGE, LONG_OUTSIDE)], ENFORCED, "nothing"),
        ([(PROXY, {})], {"allow": ("10.0.0.0/8",), "enforce": True}, "trust_proxy"),
    ],
)
async def test_what_to_do_next(
    seen: list[tuple[str, dict[str, Any]]], given: dict[str, Any], advice: str, client: Any
) -> None:
    told = await client(*seen, **given)
    assert told["advice"] == advice
    assert (told["proposal"]["setting"] is None) == (not any(one["proposed"] for one in told["data"]))
