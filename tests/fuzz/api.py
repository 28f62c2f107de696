"""The whole API, as its own OpenAPI document describes it, asked by every kind of caller for things that make no sense.

Whatever is asked: no answer is a 5xx that the document does not name, and no status is one that it does not name. The
document is read from the running service, so a new route is asked without being listed here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx
import requests
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import SearchStrategy
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.specs.openapi.checks import status_code_conformance

from tests.processes import Service

TIMEOUT_S = 15
# Asked for real they would end the fuzzing itself, or write to any folder of the machine.
LEFT_OUT = {
    ("DELETE", "/api/v1/session"): "signs the caller out",
    ("POST", "/api/v1/backups"): "writes into any folder it is told; tests/backup asks it",
    ("GET", "/api/v1/stream"): "does not end; tests/realtime asks it",
}


# Caller, method, path, status: how often.
Statuses = dict[tuple[str, str, str, int], int]


@dataclass
class Caller:
    """Somebody who asks, by a key, a token, a cookie, or by nothing."""

    name: str
    headers: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)


def callers(service: Service, admin: httpx.Client) -> Iterator[Caller]:
    """Nobody, each role, a key with one scope, a stream token, and a signed-in admin, as a browser asks."""
    yield Caller("nobody")
    keys = [{"name": role, "role": role} for role in ("viewer", "operator", "admin")]
    keys.append({"name": "narrow", "role": "operator", "scopes": ["jobs:read"]})
    for key in keys:
        made = admin.post("/api/v1/keys", json=key).raise_for_status().json()
        yield Caller(str(key["name"]), {"Authorization": f"Bearer {made['key']}"})
    token = admin.post("/api/v1/stream-tokens", json={"subject": "somebody"}).raise_for_status().json()["token"]
    yield Caller("token", params={"token": token})
    yield Caller("browser", _signed_in(service, admin))


def _signed_in(service: Service, admin: httpx.Client) -> dict[str, str]:
    who = {"email": "fuzz@example.com", "password": "a long enough password"}
    admin.post("/api/v1/people", json=who | {"role": "admin"}).raise_for_status()
    page = {"X-Reelhook": "1"}
    signed_in = httpx.post(f"{service.base}/api/v1/session", json=who, headers=page, timeout=15).raise_for_status()
    return page | {"Cookie": signed_in.headers["set-cookie"].partition(";")[0]}


@dataclass
class ApiFuzz:
    """Asks *service*; what it was answered is in *statuses*: (caller, method, path, status) and how often."""

    service: Service
    admin: httpx.Client
    random: int
    statuses: Statuses = field(default_factory=dict)

    def __post_init__(self) -> None:
        document = self.admin.get("/openapi.json").raise_for_status().json()
        schema = schemathesis.openapi.from_dict(document)
        schema.config.update(base_url=self.service.base)
        found = (result.ok() for result in schema.get_all_operations())
        self.operations = [one for one in found if (one.method.upper(), one.path) not in LEFT_OUT]

    def ask_all(self, caller: Caller, examples: int, *, thoroughly: bool) -> None:
        """Ask every operation *examples* times: as it wants to be asked, and *thoroughly*: in all other ways, too."""
        with requests.Session() as session:
            for operation in self.operations:
                self._ask(operation.as_strategy(generation_mode=GenerationMode.POSITIVE), caller, session, examples)
                for cases in self._other_ways(operation) if thoroughly else ():
                    self._ask(cases, caller, session, examples)

    def _other_ways(self, operation: APIOperation) -> Iterator[SearchStrategy[Case]]:
        """Wrongly, and rightly about what is really there."""
        if operation.body or operation.query:  # else nothing about it can be wrong
            yield operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
        if (there := self._there(operation.path)) is not None:
            yield operation.as_strategy(generation_mode=GenerationMode.POSITIVE, path_parameters=there)

    def _there(self, path: str) -> dict[str, str] | None:
        """The first name in *path*, and the id of one that is listed before it."""
        before, _, rest = path.partition("/{")
        name, _, more = rest.partition("}")
        if not path.startswith("/api/") or not name or "{" in more:
            return None
        listed = self.admin.get(before)
        rows = listed.json().get("data", []) if listed.is_success else []
        return next(({name: str(row["id"])} for row in rows if isinstance(row, dict) and "id" in row), None)

    def _ask(self, cases: SearchStrategy[Case], caller: Caller, session: requests.Session, examples: int) -> None:
        @seed(self.random)
        @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(cases)
        def ask(case: Case) -> None:
            # What opens the door is not left to chance.
            case.cookies = {}
            answer = case.call(session=session, headers=caller.headers, params=caller.params, timeout=TIMEOUT_S)
            key = caller.name, case.operation.method.upper(), case.operation.path, answer.status_code
            self.statuses[key] = self.statuses.get(key, 0) + 1
            case.validate_response(answer, checks=[status_code_conformance])

        ask()


def told(statuses: Statuses) -> dict[str, Any]:
    """How many requests there were, and with what."""
    by_status: dict[int, int] = {}
    for (_, _, _, status), number in statuses.items():
        by_status[status] = by_status.get(status, 0) + number
    return {"requests": sum(by_status.values()), "statuses": dict(sorted(by_status.items()))}
