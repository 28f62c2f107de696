"""What may be kept of the API's answers: a secret never, and the list of secrets names nothing that is not there."""

import re

import pytest

from reelhook.api import SECRET_ROOTS, cache_control
from tests.house.test_routes import api

__all__ = ["api"]

SECRET_WORDS = re.compile("secret|key|token|session|people|audit|rejection|webhook|sign-in|push")


async def test_every_address_that_speaks_of_a_secret_is_never_stored(api) -> None:
    paths = [path for path in api.openapi()["paths"] if path.startswith("/api/") and SECRET_WORDS.search(path)]
    assert len(paths) > 8
    assert {path: cache_control(path) for path in paths} == dict.fromkeys(paths, "no-store")


async def test_every_root_on_the_list_has_a_route(api) -> None:
    paths = api.openapi()["paths"]
    assert [root for root in SECRET_ROOTS if not any(path.startswith(root) for path in paths)] == []


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/api/v1/videos", "private, no-cache"),
        ("/api/v1/events", "private, no-cache"),
        ("/api/v1/events/0192c000-0000-7000-8000-000000000001", "no-store"),
        ("/openapi.json", "public, no-cache"),
        ("/readyz", "no-store"),
        ("/metrics", "no-store"),
    ],
)
def test_how_an_answer_may_be_kept(path: str, kept: str) -> None:
    assert cache_control(path) == kept
