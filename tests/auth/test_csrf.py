import pytest

from reelhook.auth.csrf import require_own_page
from reelhook.auth.refusals import CsrfRefused
from reelhook.auth.site import Site

from .conftest import HEADER, PASSWORD, Client, Key, Person

KEY = {"name": "n", "role": "viewer"}
OWN = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"X-Reelhook": "0"}, 403),
        (HEADER, 201),
        (HEADER | {"Origin": OWN}, 201),
        (HEADER | {"Origin": OWN, "Sec-Fetch-Site": "same-origin"}, 201),
        (HEADER | {"Origin": "https://evil.example"}, 403),
        (HEADER | {"Origin": "http://127.0.0.1:9000"}, 403),
        (HEADER | {"Origin": "http://127.0.0.1:8000.evil.example"}, 403),
        (HEADER | {"Origin": "null"}, 403),
        (HEADER | {"Origin": ""}, 403),
        (HEADER | {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}, 403),
        (HEADER | {"Sec-Fetch-Site": "same-site"}, 403),
        (HEADER | {"Sec-Fetch-Site": "cross-site"}, 403),
        (HEADER | {"Sec-Fetch-Site": "none"}, 403),
    ],
)
async def test_a_change_by_cookie_needs_our_own_page(signed_in, person: Person, headers, status) -> None:
    await person()
    browser = await signed_in()
    answer = await browser.post("/api/v1/keys", json=KEY, headers=headers)
    assert answer.status_code == status, answer.text
    if status == 403:
        assert answer.json()["code"] == "csrf"


@pytest.mark.parametrize("host", ["[::1", "", "a:b", "evil.example"])
async def test_a_senseless_host_is_no_origin_of_ours(signed_in, person: Person, host: str) -> None:
    await person()
    token = (await signed_in()).cookies["reelhook"]
    scope = {"type": "http", "scheme": "http", "client": ("192.0.2.7", 1), "path": "/api/v1/keys"}
    headers = {"host": host, "origin": OWN, "x-reelhook": "1", "cookie": f"__Host-reelhook={token}"}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    with pytest.raises(CsrfRefused):
        require_own_page(scope | {"headers": raw}, Site())
    assert Site().secure(scope | {"headers": raw}), "the safe guess"


async def test_reading_by_cookie_needs_nothing(signed_in, person: Person) -> None:
    await person()
    assert (await (await signed_in()).get("/api/v1/keys", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"])
async def test_it_is_not_the_method_that_decides(signed_in, person: Person, method: str) -> None:
    await person()
    answer = await (await signed_in()).request(method, "/api/v1/keys/1", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")


@pytest.mark.parametrize("name", ["X-Reelhook", "Origin", "Sec-Fetch-Site"])
async def test_a_header_that_is_sent_twice_has_to_be_right_twice(signed_in, person: Person, name: str) -> None:
    await person()
    right = {"X-Reelhook": "1", "Origin": OWN, "Sec-Fetch-Site": "same-origin"}
    wrong = {"X-Reelhook": "0", "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    browser = await signed_in()
    for headers in ([(name, wrong[name]), *right.items()], [*right.items(), (name, wrong[name])]):
        answer = await browser.post("/api/v1/keys", json=KEY, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf"), headers


async def test_a_key_needs_no_header(client: Client, key: Key) -> None:
    program = client(authorization=f"Bearer {await key()}", origin="https://elsewhere.example")
    assert (await program.post("/api/v1/keys", json=KEY)).status_code == 201


@pytest.mark.parametrize("path", ["/api/v1/session", "/api/v1/session/link"])
async def test_signing_in_needs_our_own_page_too(client: Client, person: Person, path: str) -> None:
    await person()
    body = {"email": "ada@example.com", "password": PASSWORD, "token": "x"}
    for headers in ({}, HEADER | {"Origin": "https://evil.example"}):
        answer = await client().post(path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf")


async def test_signing_out_needs_our_own_page_too(signed_in, person: Person) -> None:
    await person()
    browser = await signed_in()
    assert (await browser.delete("/api/v1/session")).status_code == 403
    assert (await browser.get("/api/v1/session")).status_code == 200
