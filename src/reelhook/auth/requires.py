"""What an endpoint asks of its caller, declared where it is defined.

async def keys(caller: Annotated[Principal, Depends(requires("keys:read"))]) -> ...
"""

from collections.abc import Iterator

from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from reelhook.auth.principal import Principal
from reelhook.auth.roles import ADMIN
from reelhook.errors import Forbidden, Unauthorized


class Requires:
    """A FastAPI dependency. Its *scope* stays readable, so that a test can find routes that ask for nothing."""

    def __init__(self, scope: str) -> None:
        if scope not in ADMIN:
            raise ValueError(f"no role has the scope {scope!r}; roles.py lists them")
        self.scope = scope

    async def __call__(self, request: Request) -> Principal:
        principal = present(request)
        if not principal.may(self.scope):
            raise Forbidden(f"this needs the scope {self.scope}")
        return principal


def requires(scope: str) -> Requires:
    """A dependency that gives the Principal, or refuses: *Unauthorized*, *Forbidden*."""
    return Requires(scope)


def present(request: Request) -> Principal:
    """Who is asking. Raises *Unauthorized* when nobody is signed in (possible on the session paths alone)."""
    principal = request.scope.get("state", {}).get("principal")
    if not isinstance(principal, Principal):
        raise Unauthorized("nobody is signed in")
    return principal


def declarations(app: FastAPI) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Every route of *app* as method, path and the scopes it requires, those of its routers included."""
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)
        scopes = frozenset(_scopes(dependant)) if dependant is not None else frozenset()
        for method in sorted(context.methods or ()):
            yield method, context.path or "", scopes


def _scopes(dependant: Dependant) -> Iterator[str]:
    if isinstance(dependant.call, Requires):
        yield dependant.call.scope
    for inner in dependant.dependencies:
        yield from _scopes(inner)
