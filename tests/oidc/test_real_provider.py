"""The whole way with a real provider, which follows the specification on its own account."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

import httpx2
import pytest

from reelhook.db import Database
from reelhook.kit.clock import SystemClock
from reelhook.settings import Settings
from tests.oidc.conftest import OIDC, PUBLIC_URL, House, house, reason
from tests.oidc.node import real_provider, settings
from tests.oidc.test_token_checks import database_url

__all__ = ["database_url"]
ACTION = re.compile(r'<form[^>]* action="([^"]+)"')


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with real_provider(f"{PUBLIC_URL}{OIDC}/callback") as one:
        yield one


async def through_the_provider(address: str, login: str) -> str:
    """Fill in its forms, as a browser with cookies of its own; returns the address with which it sends back to us."""
    async with httpx2.AsyncClient() as browser:
        for _ in range(20):
            answer = await browser.get(address)
            if answer.status_code == 200:
                form = ACTION.search(answer.text)
                assert form is not None, answer.text
                prompt = "login" if 'value="login"' in answer.text else "consent"
                filled = {"prompt": prompt, "login": login, "password": "any"}
                answer = await browser.post(urljoin(address, form.group(1)), data=filled)
            assert answer.is_redirect, answer.text
            address = urljoin(address, answer.headers["location"])
            if address.startswith(PUBLIC_URL):
                return address
    raise AssertionError("the provider sends in circles")


async def sign_in(ours: House, login: str) -> tuple[str, dict[str, str] | None]:
    """Where the browser ends, and who is signed in there."""
    async with ours.browser() as browser:
        there = (await browser.get(f"{OIDC}/start?next=/jobs")).headers["location"]
        done = await browser.get(await through_the_provider(there, login))
        who = await browser.get("/api/v1/session")
        return done.headers["location"], who.json().get("principal")


async def test_people_sign_in_with_a_real_provider_and_are_the_same_when_they_come_again(
    db: Database, issuer: str
) -> None:
    async with house(db, SystemClock(), Settings(**settings(issuer, PUBLIC_URL))) as ours:
        ada = await ours.invite("ada@example.com", "operator")
        place, who = await sign_in(ours, "ada")
        assert place == "/jobs"
        assert who is not None
        assert (who["id"], who["role"], who["name"]) == (ada, "operator", "ada@example.com")
        assert await sign_in(ours, "ada") == (place, who)
        assert await ours.identities() == [("ada", ada)]
        for login, why in (("bob", "oidc_not_invited"), ("unverified", "oidc_no_email")):
            place, who = await sign_in(ours, login)
            assert (reason(place), who) == (why, None)


async def test_newcomers_get_the_role_that_was_set(db: Database, issuer: str) -> None:
    async with house(db, SystemClock(), Settings(**settings(issuer, PUBLIC_URL, oidc_role="viewer"))) as ours:
        place, who = await sign_in(ours, "bob")
        assert place == "/jobs"
        assert who is not None
        assert (who["role"], who["name"]) == ("viewer", "bob@example.com")


async def test_a_real_provider_refuses_a_code_without_its_verifier(db: Database, issuer: str) -> None:
    """PKCE: whoever intercepts the code cannot use it."""
    async with house(db, SystemClock(), Settings(**settings(issuer, PUBLIC_URL))) as ours, ours.browser() as browser:
        there = (await browser.get(f"{OIDC}/start")).headers["location"]
        back = await through_the_provider(there.replace("code_challenge=", "code_challenge=A")[:-1], "ada")
        assert reason((await browser.get(back)).headers["location"]) in {"oidc_refused", "oidc_denied"}
