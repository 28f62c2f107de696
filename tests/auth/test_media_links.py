"""Signed links to stored files: which open, which do not, and when they end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.datastructures import QueryParams

from reelhook import logs
from reelhook.auth import Access, Principal, local_admin
from reelhook.auth.issuers import Issuers
from reelhook.auth.media_links import MediaLinks
from reelhook.auth.principal import of_key, of_person
from reelhook.auth.recognised import Recognised
from reelhook.auth.refusals import MediaLinkExpired, MediaLinkRevoked
from reelhook.db import Database
from reelhook.errors import NotFound
from reelhook.kit.bus import LocalBus
from reelhook.kit.sealing import Sealer

from .conftest import Client, Person, StoppedClock

ASSET = "0192c000-0000-7000-8000-00000000000a"
OTHER = "0192c000-0000-7000-8000-00000000000b"


@pytest.fixture
def issuers(db: Database, clock: StoppedClock) -> Issuers:
    return Issuers(db, clock, Recognised(LocalBus(), clock).issuers)


@pytest.fixture
def links(clock: StoppedClock, issuers: Issuers) -> MediaLinks:
    return MediaLinks(clock, Sealer(["new key", "old key"]), issuers)


async def opened(links: MediaLinks, link: str) -> Principal:
    parts = urlsplit(link)
    return await links.find(parts.path, QueryParams(parts.query))


async def test_a_link_opens_its_file_until_it_ends(links: MediaLinks, clock: StoppedClock) -> None:
    made = links.issue(local_admin(), ASSET, 60)
    assert set(parse_qs(urlsplit(made.path).query)) == {"expires", "by", "signature"}
    clock.forward(seconds=59.9)
    holder = await opened(links, made.path)
    assert (holder.kind, holder.id, holder.scopes, holder.expires_at) == (
        "link",
        ASSET,
        frozenset({"videos:read"}),
        made.expires_at,
    )
    clock.forward(seconds=0.1)
    with pytest.raises(MediaLinkExpired) as caught:
        await opened(links, made.path)
    assert (caught.value.status, caught.value.code) == (410, "link_expired")


def test_a_link_is_masked_in_logs(links: MediaLinks) -> None:
    link = links.issue(local_admin(), ASSET, 60).path
    assert logs.mask(f"GET {link} 200") == f"GET {link[: link.index('signature=') + 10]}*** 200"


CHANGES: dict[str, Callable[[str], str]] = {
    "another file": lambda link: link.replace(ASSET, OTHER),
    "a later end": lambda link: link.replace("expires=1", "expires=2"),
    "an end that is no number": lambda link: link.replace("expires=", "expires=x"),
    "no end": lambda link: link.replace("expires=", "then="),
    "another issuer": lambda link: link.replace("by=local:local", "by=local:other"),
    "no issuer": lambda link: link.replace("&by=local:local", ""),
    "to be saved": lambda link: link + "&download=1",
    "a changed signature": lambda link: link[:-1] + ("A" if link[-1] != "A" else "B"),
    "a shorter signature": lambda link: link[:-1],
    "an empty signature": lambda link: link[: link.index("signature=") + 10],
    "a signature beyond ASCII": lambda link: link + "%C3%A9",
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_link_that_was_changed_is_as_if_there_were_no_such_file(links: MediaLinks, change: str) -> None:
    link = links.issue(local_admin(), ASSET, 60).path
    await opened(links, link)
    with pytest.raises(NotFound, match="there is no media"):
        await opened(links, CHANGES[change](link))


async def test_the_newest_key_signs_and_older_ones_still_open(clock: StoppedClock, issuers: Issuers) -> None:
    old, both, new = (
        MediaLinks(clock, Sealer(keys), issuers) for keys in (["old key"], ["new key", "old key"], ["new key"])
    )
    await opened(both, old.issue(local_admin(), ASSET, 60).path)
    await opened(new, both.issue(local_admin(), ASSET, 60).path)
    with pytest.raises(NotFound):
        await opened(new, old.issue(local_admin(), ASSET, 60).path)


async def test_a_link_ends_when_its_issuer_loses_access(access: Access, person: Person) -> None:
    made = await access.keys.create(local_admin(), "leaked", "viewer")
    await person()
    row = await person("bo@example.com", "viewer")
    of_both = [of_key(made.id, "leaked", "viewer", None), of_person(row.id, row.email, row.role)]
    given = [access.media_links.issue(by, ASSET, 60).path for by in of_both]
    assert [(await opened(access.media_links, link)).subject for link in given] == [made.id, row.id]
    await access.keys.revoke(local_admin(), made.id)
    await access.people.change(local_admin(), row.id, disabled=True)
    for link in given:
        with pytest.raises(MediaLinkRevoked) as caught:
            await opened(access.media_links, link)
        assert caught.value.code == "link_revoked"


def test_a_link_lasts_no_longer_than_the_key_that_asked_for_it(links: MediaLinks, clock: StoppedClock) -> None:
    soon = clock.now() + timedelta(seconds=90)
    key = replace(of_key("k", "for a while", "viewer", None), expires_at=soon)
    assert links.issue(key, ASSET, 3600).expires_at == soon
    assert links.issue(key, ASSET, 60).expires_at == clock.now() + timedelta(seconds=60)


async def test_the_gate_lets_a_link_in_to_its_file_alone(client: Client, access: Access, clock: StoppedClock) -> None:
    nobody = client()
    link = access.media_links.issue(local_admin(), ASSET, 60).path
    query = link.partition("?")[2]
    answers = [
        (await nobody.request(method, path)).status_code
        for method, path in [
            ("GET", link),  # 404: let in, but there is no media in this app
            ("HEAD", link),
            ("POST", link),
            ("GET", f"/media/{OTHER}?{query}"),
            ("GET", f"/api/v1/stream?{query}"),
            ("GET", f"/api/v1/videos/{ASSET}?{query}"),
            ("GET", f"/media/{ASSET}"),
        ]
    ]
    assert answers == [404, 404, 401, 404, 401, 401, 401]
    assert "code" not in (await nobody.get(link)).json()
    assert (await nobody.get(f"/media/{OTHER}?{query}")).json()["code"] == "not_found"
    clock.forward(seconds=60)
    ended = await nobody.get(link)
    assert (ended.status_code, ended.json()["code"], ended.headers["cache-control"]) == (
        410,
        "link_expired",
        "no-store",
    )


async def test_a_link_that_is_not_good_never_falls_through_to_the_cookie(signed_in, person: Person) -> None:
    await person()
    browser = await signed_in()
    assert "code" not in (await browser.get(f"/media/{ASSET}")).json(), "let in, but this app has no media"
    assert (await browser.get(f"/media/{ASSET}?expires=1&by=local:local&signature=x")).json()["code"] == "not_found"
