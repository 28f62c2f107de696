"""The way to the provider and back, and all that may go wrong on it."""

import asyncio
import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from reelhook.auth.oidc import fetch, flow
from reelhook.auth.oidc.errors import OidcUnavailable
from reelhook.auth.oidc.provider import Provider
from reelhook.auth.oidc.tickets import own_path
from reelhook.kit.http import guarded_session
from reelhook.settings import Settings
from tests.auth.conftest import StoppedClock
from tests.oidc.conftest import OIDC, PUBLIC_URL, House, begin, come_back, reason
from tests.oidc.test_token_checks import database_url
from tests.oidc.tiny import CLIENT_ID, CLIENT_SECRET, Tiny, text

__all__ = ["database_url"]
CALLBACK = f"{PUBLIC_URL}{OIDC}/callback"
DESCRIPTION = "/.well-known/openid-configuration"


async def test_the_browser_is_sent_away_with_all_that_the_protocol_asks_for(ours: House, provider: Tiny) -> None:
    async with ours.browser() as browser:
        assert (await browser.get(OIDC)).json() == {"enabled": True, "name": "single sign-on"}
        carried = await begin(browser, provider)
        answer = await browser.get(f"{OIDC}/start")
    assert answer.headers["location"].startswith(f"{provider.issuer}/authorize?")
    cookie = answer.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Max-Age=600", "Path=/"))
    assert carried["state"] not in cookie, "sealed"
    assert carried["redirect_uri"] == f"{PUBLIC_URL}{OIDC}/callback"
    wanted = {"response_type": "code", "client_id": CLIENT_ID, "scope": "openid email", "code_challenge_method": "S256"}
    assert {name: carried[name] for name in wanted} == wanted
    assert len({carried["state"], carried["nonce"], carried["code_challenge"]}) == 3


@pytest.mark.parametrize("more", [{"public_url": "https://reelhook.example"}])
async def test_over_https_no_subdomain_can_plant_the_cookie(ours: House) -> None:
    async with ours.browser() as browser:
        cookie = (await browser.get(f"{OIDC}/start")).headers["set-cookie"]
    assert cookie.startswith("__Host-reelhook-oidc=")
    assert "Secure" in cookie


async def test_the_secret_and_the_verifier_go_to_the_provider_alone(ours: House, provider: Tiny) -> None:
    async with ours.browser() as browser:
        await come_back(browser, provider)
        assert provider.authorization is not None
        given = base64.b64decode(provider.authorization.removeprefix("Basic ")).decode()
        assert given == "our+client:s%25cret"
        assert provider.posted["grant_type"] == "authorization_code"
        assert provider.posted["redirect_uri"] == f"{PUBLIC_URL}{OIDC}/callback"
        assert CLIENT_SECRET not in str(provider.posted)


@pytest.mark.parametrize(
    ("more", "metadata", "posted"),
    [
        (
            {},
            {"token_endpoint_auth_methods_supported": ["client_secret_post"]},
            {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
        ),
        ({"oidc_client_secret": None}, {}, {"client_id": CLIENT_ID}),
    ],
)
async def test_who_takes_no_secret_in_the_header_gets_it_otherwise(
    ours: House, provider: Tiny, metadata: dict[str, Any], posted: dict[str, str]
) -> None:
    provider.metadata = metadata
    async with ours.browser() as browser:
        assert reason(await come_back(browser, provider)) is None
    assert provider.authorization is None
    assert {name: value for name, value in provider.posted.items() if name.startswith("client")} == posted


async def test_an_answer_to_another_request_is_not_taken(ours: House, provider: Tiny) -> None:
    async with ours.browser() as browser:
        for state in ("another", "", "ü"):
            assert reason(await come_back(browser, provider, state=state)) == "oidc_expired"
        assert "/token" not in provider.asked, "its code is not used up"


async def test_an_answer_is_taken_once_in_time_and_in_the_browser_that_asked(
    ours: House, provider: Tiny, clock: StoppedClock
) -> None:
    async with ours.browser() as browser, ours.browser() as other:
        carried = await begin(browser, provider)
        answer = {"code": "c", "state": carried["state"]}
        stolen = await other.get(f"{OIDC}/callback", params=answer)
        assert reason(stolen.headers["location"]) == "oidc_expired"
        done = await browser.get(f"{OIDC}/callback", params=answer)
        assert done.headers["location"] == "/jobs?kind=a"
        assert done.headers["referrer-policy"] == "no-referrer"
        again = await browser.get(f"{OIDC}/callback", params=answer)
        assert reason(again.headers["location"]) == "oidc_expired"
        late = await begin(browser, provider)
        clock.forward(seconds=601)
        done = await browser.get(f"{OIDC}/callback", params={"code": "c", "state": late["state"]})
        assert reason(done.headers["location"]) == "oidc_expired"


async def test_a_cookie_that_is_not_such_a_ticket_is_none(ours: House) -> None:
    assert ours.access.oidc is not None
    seal = ours.access.oidc.tickets._sealer.seal
    contents: list[Any] = [{"purpose": "something else"}, {"purpose": "oidc", "until": 2e9}, ["oidc"]]
    async with ours.browser() as browser:
        for cookie in ("", "no seal", seal("no json"), *(seal(json.dumps(content)) for content in contents)):
            answer = await browser.get(f"{OIDC}/callback?code=c&state=s", headers={"cookie": f"reelhook-oidc={cookie}"})
            assert reason(answer.headers["location"]) == "oidc_expired"


async def test_what_the_provider_says_is_taken_seriously(ours: House, provider: Tiny) -> None:
    answers = [
        ({"error": "access_denied", "error_description": "no"}, "oidc_denied"),
        ({"code": ""}, "oidc_refused"),
        ({"code": "c" * 5000}, "oidc_refused"),
        ({"iss": "https://elsewhere.example"}, "oidc_refused"),
    ]
    async with ours.browser() as browser:
        for answer, code in answers:
            location = await come_back(browser, provider, **answer)
            assert reason(location) == code
            assert parse_qs(urlsplit(location).query)["next"] == ["/jobs?kind=a"], "and one may try again"


async def test_a_provider_that_names_itself_must_do_so(ours: House, provider: Tiny) -> None:
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    async with ours.browser() as browser:
        assert reason(await come_back(browser, provider)) == "oidc_refused"
        assert reason(await come_back(browser, provider, iss=provider.issuer)) is None


async def test_a_provider_in_trouble_is_said_clearly_and_asked_again(ours: House, provider: Tiny) -> None:
    answers = [
        text("{}", 500),
        text("no json"),
        text("[]"),
        text("[" * 100_000),
        text(json.dumps({"issuer": "x" * 300_000})),
        text('{"error": "slow_down"}', 429),
        text("{}", 302, location="/elsewhere"),
        text('{"issuer": "https://elsewhere.example"}'),
        text("{}"),
    ]
    async with ours.browser() as browser:
        for answer in answers:
            provider.answers[DESCRIPTION] = answer
            first = await browser.get(f"{OIDC}/start?next=/jobs")
            assert first.headers["location"] == "/sign-in?oidc=oidc_unavailable&next=%2Fjobs"
        assert reason(await come_back(browser, provider)) is None
    assert "/elsewhere" not in provider.asked


async def test_addresses_that_cannot_be_the_providers_are_not_used(ours: House, provider: Tiny) -> None:
    async with ours.browser() as browser:
        for metadata in (
            {"token_endpoint": "ftp://127.0.0.1/token"},
            {"token_endpoint": "https://[bad/token"},
            {"token_endpoint": "http:///token"},
            {"authorization_endpoint": None},
            {"jwks_uri": "javascript:alert(1)"},
        ):
            provider.metadata = metadata
            assert reason((await browser.get(f"{OIDC}/start")).headers["location"]) == "oidc_unavailable"


async def test_a_provider_that_fails_on_the_way_back_lets_nobody_in(ours: House, provider: Tiny) -> None:
    answers = [
        ("/token", text('{"error": "invalid_grant"}', 400), "oidc_refused"),
        ("/token", text('{"error": 7}', 401), "oidc_refused"),
        ("/token", text('{"access_token": "a"}'), "oidc_refused"),
        ("/token", text("", 503), "oidc_unavailable"),
        ("/keys", text("", 503), "oidc_unavailable"),
        ("/keys", text('{"keys": 7}'), "oidc_unavailable"),
    ]
    async with ours.browser() as browser:
        for path, answer, code in answers:
            provider.answers[path] = answer
            assert reason(await come_back(browser, provider)) == code
        assert (await browser.get("/api/v1/session")).status_code == 401


async def test_a_provider_at_a_private_address_has_to_be_allowed(ours: House, provider: Tiny) -> None:
    provider.metadata = {"token_endpoint": "http://127.0.0.1:1/token"}
    async with ours.browser() as browser:
        assert reason(await come_back(browser, provider)) == "oidc_unavailable"


@pytest.mark.parametrize("what", ["one request", "all of them"])
async def test_a_provider_that_hangs_is_given_up(ours: House, provider: Tiny, monkeypatch, what: str) -> None:  # type: ignore[no-untyped-def]
    class Hanging(web.Response):
        async def prepare(self, request: Any) -> Any:
            await asyncio.sleep(30)

    if what == "one request":
        monkeypatch.setattr(fetch, "LIMIT", fetch.aiohttp.ClientTimeout(total=0.2))
    else:
        monkeypatch.setattr(flow, "LIMIT_S", 0.2)
    provider.answers[DESCRIPTION] = Hanging()
    async with ours.browser() as browser:
        assert reason((await browser.get(f"{OIDC}/start")).headers["location"]) == "oidc_unavailable"


async def test_sign_in_limits_count_here_too(ours: House, provider: Tiny) -> None:
    async with ours.browser() as browser:
        codes = [reason((await browser.get(f"{OIDC}/callback")).headers["location"]) for _ in range(31)]
    assert codes == ["oidc_expired"] * 30 + ["too_many_requests"]


async def test_doctor_says_whether_the_provider_can_be_used(provider: Tiny, clock: StoppedClock) -> None:
    named = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT_ID, "public_url": PUBLIC_URL}
    settings = Settings(**named, fetch_allow=provider.issuer.removeprefix("http://"))
    async with guarded_session(settings.fetch_allow) as http:
        asked = Provider.named_in(settings, http, clock)
        assert asked is not None
        assert (
            await asked.check()
            == f"{provider.issuer} has keys for signing (1); its redirect address for us: {CALLBACK}"
        )
        provider.published = [{"kty": "oct", "k": "AA"}]
        with pytest.raises(OidcUnavailable, match="no key for RS256"):
            await asked.check()
        await asked.close()


@pytest.mark.parametrize("more", [{"oidc_issuer": None}])
async def test_without_a_provider_there_is_no_such_way(ours: House) -> None:
    async with ours.browser() as browser:
        assert (await browser.get(OIDC)).json() == {"enabled": False, "name": None}
        for path in ("start", "callback"):
            assert (await browser.get(f"{OIDC}/{path}")).headers["location"] == "/sign-in?oidc=oidc_off"


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/", "/"),
        ("/videos/1?a=b&c=%20", "/videos/1?a=b&c=%20"),
        ("/?q=ü", "/?q=%C3%BC"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\\b", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("/\t/evil.example", "/"),
        ("https://evil.example", "/"),
        ("jobs", "/"),
        ("", "/"),
        ("/api/v1/keys", "/"),
        ("/sign-in?next=/", "/"),
        ("/" + "x" * 1000, "/"),
    ],
)
def test_only_pages_of_ours_are_returned_to(wanted: str, path: str) -> None:
    assert own_path(wanted) == path
