"""The permission table: every route of the API, the scope it asks for, and the roles that have it.

Made from what the routes declare (`requires`), so it cannot say anything else than what is checked. docs/access.md
shows it, and a test asks every route as everybody and compares.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from reelhook.auth.open_paths import Door, door, opened_by_token
from reelhook.auth.requires import declarations
from reelhook.auth.roles import ROLES, TOKEN

# Served beside FastAPI, by ASGI apps that ask for their scope themselves.
PLAIN: Mapping[tuple[str, str], str] = {
    ("GET", "/api/v1/stream"): "stream",
    ("GET", "/media/{asset_id}"): "videos:read",
}
SOME_VIDEO = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Permission:
    """What it takes to call one route. *scope* None: nothing."""

    method: str
    path: str
    scope: str | None

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that may, the smallest first; empty for what is open to everybody."""
        return tuple(role for role, scopes in ROLES.items() if self.scope in scopes)

    @property
    def opened_by_token(self) -> bool:
        """Whether a stream token is enough."""
        return self.scope in TOKEN and opened_by_token(self.method, self.path.replace("{video_id}", SOME_VIDEO))


def permissions(api: FastAPI) -> Iterator[Permission]:
    """The table, by path and method. Raises *ValueError* for a route that asks for more than one scope."""
    declared = {(method, path): scopes for method, path, scopes in declarations(api) if method != "HEAD"}
    found = declared | {route: frozenset({scope}) for route, scope in PLAIN.items()}
    for (method, path), scopes in sorted(found.items(), key=lambda entry: (entry[0][1], entry[0][0])):
        if len(scopes) > 1:
            raise ValueError(f"{method} {path} asks for more than one scope: {', '.join(sorted(scopes))}")
        yield Permission(method, path, next(iter(scopes), None))


def table(api: FastAPI) -> list[Permission]:
    """The permissions of everything in the OpenAPI document that is not open."""
    paths = api.openapi()["paths"]
    return [one for one in permissions(api) if one.scope and one.method.lower() in paths.get(one.path, {})]


def describe(api: FastAPI, document: dict[str, Any]) -> None:
    """Say in the OpenAPI *document* what each operation asks for."""
    wanted = {(one.method, one.path): one for one in permissions(api)}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if door(method.upper(), path) is not Door.GUARDED:
                operation["security"] = []
                continue
            permission = wanted[method.upper(), path]
            operation["x-required-scope"] = permission.scope
            operation["x-roles"] = list(permission.roles)
