"""Asks a service, as different people, and remembers of each operation what was asked first and answered."""

from typing import Any

import httpx2 as httpx

from tests.processes import Service, Simulators, wait_until

EMAIL, PASSWORD = "ada@example.com", "correct horse battery"


class Asking:
    """*told*: by method and path, what was asked and what came back."""

    def __init__(self, service: Service, outside: Simulators, system: str) -> None:
        self.service, self.outside, self.system = service, outside, system
        self.told: dict[str, dict[str, Any]] = {}
        self.admin = service.client("admin")
        self.ada = httpx.Client(base_url=service.base, headers={"x-reelhook": "1"}, timeout=15)

    def close(self) -> None:
        """Nobody asks any more."""
        self.admin.close()
        self.ada.close()

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        by: httpx.Client | None = None,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        **ids: str,
    ) -> Any:
        """One request, by the admin if by nobody else; the JSON that came back. What is not 2xx is a fault."""
        answer = (by or self.admin).request(method, path.format(**ids), json=body, params=query, headers=headers or {})
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        kind = answer.headers.get("content-type", "").partition(";")[0]
        found: dict[str, Any] = {"status": answer.status_code}
        found |= {"query": query} if query else {}
        found |= {"body": body} if body is not None else {}
        if kind == "application/json" and answer.content:
            found["answer"] = answer.json()
        self.told.setdefault(f"{method} {path}", found)
        return found.get("answer")

    def wait(self, path: str, holds: Any, **query: Any) -> Any:
        """What is read at *path*, as soon as *holds* is true of it."""

        def look() -> Any:
            found = self.admin.get(path, params=query).json()
            return found if holds(found) else None

        return wait_until(look, what=path)
