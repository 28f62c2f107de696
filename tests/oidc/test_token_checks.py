"""What an ID token must be before anybody is signed in by it."""

from typing import Any

import jwt
import pytest

from reelhook.auth.oidc.claims import Claims, Expected, verified
from reelhook.auth.oidc.errors import OidcRefused
from reelhook.auth.oidc.keys import ProviderKeys
from tests.auth.conftest import StoppedClock
from tests.oidc.conftest import OIDC, House, begin, come_back, reason
from tests.oidc.tiny import CLIENT_ID, Tiny, key, unsigned

NOW = 1_795_348_800  # 2026-11-22T12:00:00Z, where the clock stands
ISSUER = "https://id.example"
SIGNED: dict[str, Any] = {"iss": ISSUER, "sub": "s-1", "aud": CLIENT_ID, "iat": NOW, "exp": NOW + 300, "nonce": "ours"}


@pytest.fixture
def database_url(prepared_file, tmp_path) -> str:  # type: ignore[no-untyped-def]
    """What is checked here does not reach the database: one kind is enough."""
    (tmp_path / "reelhook.db").write_bytes(prepared_file.read_bytes())
    return f"sqlite:///{tmp_path / 'reelhook.db'}"


async def claims_of(token: str, *published: Any) -> Claims:
    """What we believe of *token*, when the provider publishes these keys."""
    clock = StoppedClock()

    async def fetch() -> dict[str, Any]:
        return {"keys": list(published)}

    return await verified(token, ProviderKeys(clock, fetch), Expected(ISSUER, CLIENT_ID, "ours", clock.now()))


def signed(claims: dict[str, Any], algorithm: str = "RS256", kid: str | None = "one") -> str:
    said = {name: value for name, value in (SIGNED | claims).items() if value is not None}
    return jwt.encode(said, key("one", algorithm)[0], algorithm, {} if kid is None else {"kid": kid})


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
@pytest.mark.parametrize("kid", ["one", None])
async def test_a_right_token_names_a_person(algorithm: str, kid: str | None) -> None:
    claims = {"email": "Ada@Example.com", "email_verified": True}
    found = await claims_of(signed(claims, algorithm, kid), key("one", algorithm)[1])
    assert found == Claims(ISSUER, "s-1", "ada@example.com")


@pytest.mark.parametrize(
    "claims", [{"aud": [CLIENT_ID, "other"], "azp": CLIENT_ID}, {"exp": NOW - 59}, {"iat": NOW + 59}, {"nbf": NOW + 59}]
)
async def test_what_is_just_right_is_taken(claims: dict[str, Any]) -> None:
    assert (await claims_of(signed(claims), key("one")[1])).subject == "s-1"


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"nonce": 7}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"aud": "another client"}, "another client"),
        ({"aud": ["another client"]}, "another client"),
        ({"aud": 7}, "another client"),
        ({"aud": None}, "another client"),
        ({"aud": [CLIENT_ID, "another client"]}, "another party"),
        ({"aud": [CLIENT_ID, "another client"], "azp": "another client"}, "another party"),
        ({"azp": "another client"}, "another party"),
        ({"iss": "https://elsewhere.example"}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"exp": NOW - 61}, "expired"),
        ({"exp": "soon"}, "no exp"),
        ({"exp": True}, "no exp"),
        ({"exp": None}, "no exp"),
        ({"iat": NOW + 61}, "in the future"),
        ({"iat": None}, "no iat"),
        ({"nbf": NOW + 61}, "not valid yet"),
        ({"sub": ""}, "no sub"),
        ({"sub": 7}, "no sub"),
        ({"sub": "x" * 256}, "no sub"),
        ({"sub": None}, "no sub"),
    ],
)
async def test_a_token_that_says_the_wrong_thing_or_not_enough_is_refused(claims: dict[str, Any], why: str) -> None:
    with pytest.raises(OidcRefused, match=why):
        await claims_of(signed(claims), key("one")[1])


HMAC_KEY = key("one")[0].public_key().public_numbers().n.to_bytes(256, "big")


@pytest.mark.parametrize(
    ("token", "why"),
    [
        (unsigned(SIGNED), "signed by 'none'"),
        (unsigned(SIGNED, "NONE"), "signed by 'NONE'"),
        (jwt.encode(SIGNED, HMAC_KEY, "HS256", {"kid": "one"}), "signed by 'HS256'"),
        (jwt.encode(SIGNED, key("two")[0], "RS256", {"kid": "one"}), "signature"),
        (jwt.encode(SIGNED, key("two")[0], "RS256", {"kid": "two"}), "does not publish"),
        (jwt.encode(SIGNED, key("one", "ES256")[0], "ES256", {"kid": "one"}), "does not publish"),
        (signed({})[:-4] + "AAAA", "signature"),
        ("no token", "no signed token"),
        ("W1tb" * 5000 + ".e30.", "no signed token"),
        ("e30." * 10_000, "too long"),
    ],
    ids=range(10),
)
async def test_a_token_that_the_provider_did_not_sign_is_refused(token: str, why: str) -> None:
    with pytest.raises(OidcRefused, match=why):
        await claims_of(token, key("one")[1])


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"use": "enc"}, "does not publish"),
        ({"alg": "PS256"}, "does not publish"),
        ({"kty": "oct"}, "does not publish"),
        ({"kid": "another"}, "does not publish"),
        ({"n": key("one", "RS256", 1024)[1]["n"]}, "fewer than 2048 bits"),
        ({"n": ""}, "cannot be read"),
        ({"n": 7}, "cannot be read"),
        ({"e": None}, "cannot be read"),
    ],
)
async def test_a_key_that_is_not_meant_for_this_proves_nothing(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(OidcRefused, match=why):
        await claims_of(signed({}), key("one")[1] | changed, "no key")


async def test_without_a_name_a_key_must_be_the_only_one_that_fits() -> None:
    with pytest.raises(OidcRefused, match="does not publish"):
        await claims_of(signed({}, kid=None), key("one")[1], key("two")[1])


async def test_a_wrong_token_lets_nobody_in(ours: House, provider: Tiny, clock: StoppedClock) -> None:
    now = int(clock.now().timestamp())
    for number, claims in enumerate(({"nonce": "x"}, {"aud": "x"}, {"exp": now - 300}, None)):
        async with ours.browser(f"192.0.2.{number}") as browser:
            provider.claims = claims or {}
            carried = await begin(browser, provider)
            if claims is None:
                provider.raw_token = unsigned(SIGNED | {"iss": provider.issuer, "nonce": carried["nonce"]})
            done = await browser.get(f"{OIDC}/callback", params={"code": "c", "state": carried["state"]})
            assert reason(done.headers["location"]) == "oidc_refused"
            assert (await browser.get("/api/v1/session")).status_code == 401


async def test_a_new_key_is_fetched_when_it_is_first_used_but_not_at_any_time(
    ours: House, provider: Tiny, clock: StoppedClock
) -> None:
    async with ours.browser() as browser:
        assert reason(await come_back(browser, provider)) is None
        provider.signs_with = key("two")
        assert reason(await come_back(browser, provider)) == "oidc_refused", "the keys were fetched a moment ago"
        assert provider.asked.count("/keys") == 1
        clock.forward(seconds=61)
        assert reason(await come_back(browser, provider)) is None
        assert reason(await come_back(browser, provider)) is None
        assert provider.asked.count("/keys") == 2
        provider.published = []
        clock.forward(hours=1)
        assert reason(await come_back(browser, provider)) == "oidc_refused", "a key that was withdrawn is good no more"
        assert provider.asked.count("/.well-known/openid-configuration") == 2
