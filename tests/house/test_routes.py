"""Every route is either on the one list of what is open, or declares the scope it needs."""

from pathlib import Path

import pytest
from fastapi import FastAPI

from reelhook.app import Service
from reelhook.auth.open_paths import Door, door
from reelhook.auth.requires import declarations
from reelhook.settings import Settings


@pytest.fixture
async def api(tmp_path: Path) -> FastAPI:
    url = f"sqlite:///{tmp_path / 'reelhook.db'}"
    service = Service(Settings(database_url=url, stores=f"local:{tmp_path / 'media'}"))
    found = service.doors.api
    await service.stop()
    return found


async def test_every_route_that_is_not_open_declares_a_scope(api: FastAPI) -> None:
    declared = list(declarations(api))
    undeclared = [f"{method} {path}" for method, path, scopes in declared if _guarded(method, path) and not scopes]
    assert len(declared) > 25
    # FastAPI's own document is behind the gate: any principal may read what the API is.
    assert undeclared == ["GET /openapi.json", "HEAD /openapi.json"] or undeclared == []


async def test_the_openapi_document_marks_exactly_the_open_routes(api: FastAPI) -> None:
    document = api.openapi()
    marked = {
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if operation.get("security") == []
    }
    expected = {
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method in methods
        if door(method.upper(), path) is not Door.GUARDED
    }
    assert marked == expected


def _guarded(method: str, path: str) -> bool:
    return door(method, path) is Door.GUARDED
