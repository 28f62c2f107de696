"""Where downloads may lead, and where not."""

import aiohttp
import pytest

from reelhook.archive import Fetcher, Limits
from reelhook.archive.errors import SourceRefused
from reelhook.archive.fetch import MOST_REDIRECTS, source_name
from reelhook.kit.targets import Targets
from tests.archive.conftest import QuickClock
from tests.archive.fetching import DATA, failure, fetched
from tests.archive.host import Host, status, whole


async def test_five_redirects_are_followed(fetcher: Fetcher, host: Host) -> None:
    host.put("/0", whole(DATA))
    for number in range(1, MOST_REDIRECTS + 2):
        host.put(f"/{number}", status(302, Location=f"/{number - 1}?Signature=SECRET"))
    assert await fetched(fetcher, f"{host.url}/{MOST_REDIRECTS}") == DATA
    error = await failure(fetcher, f"{host.url}/{MOST_REDIRECTS + 1}")
    assert "redirects more than 5 times" in error.message


async def test_a_redirect_in_a_circle_is_left(fetcher: Fetcher, host: Host) -> None:
    error = await failure(fetcher, host.put("/a", status(302, Location="/a?Signature=SECRET")))
    assert "redirects more than 5 times" in error.message
    assert error.retryable


@pytest.mark.parametrize("target", ["http://127.0.0.1:1/x", "http://[::1]:1/x", "http://169.254.169.254/x"])
async def test_a_redirect_to_the_inside_is_refused_with_the_reason(fetcher: Fetcher, host: Host, target: str) -> None:
    error = await failure(fetcher, host.put("/a", status(302, Location=f"{target}?Signature=SECRET")))
    assert isinstance(error, SourceRefused)
    assert (error.code, error.retryable) == ("address_refused", False)
    assert "is not a public address" in error.message


async def test_only_hosts_that_the_operator_named_are_fetched_from(
    session: aiohttp.ClientSession, host: Host, clock: QuickClock
) -> None:
    """The link itself, and every redirect; what FETCH_ALLOW names is no matter of theirs."""
    narrow = Fetcher(session, clock, Limits(600, 50_000_000), Targets((host.address,), ("heygen.ai",)))
    assert await fetched(narrow, host.put("/a.mp4", whole(DATA))) == DATA
    moved = host.put("/b", status(302, Location="https://files.example.com/a.mp4?Signature=SECRET"))
    for link in (moved, "https://files.example.com/a.mp4?Signature=SECRET"):
        error = await failure(narrow, link)
        assert (error.code, error.retryable) == ("address_refused", False)
        assert "files.example.com is not among the hosts of REELHOOK_FETCH_HOSTS (heygen.ai)" in error.message


async def test_a_name_that_leads_inside_is_refused_with_the_reason(fetcher: Fetcher, host: Host) -> None:
    """Only the connection shows it."""
    for link in ("https://localhost/a", host.put("/a", status(302, Location="https://localhost/?Signature=SECRET"))):
        error = await failure(fetcher, link)
        assert (error.code, error.retryable) == ("address_refused", False)
        assert ":443 is not a public address" in error.message


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/a.mp4", "http://10.0.0.1/a.mp4", "http://[::ffff:10.0.0.1]/a.mp4"])
async def test_a_link_to_the_inside_is_refused(fetcher: Fetcher, url: str) -> None:
    assert (await failure(fetcher, f"{url}?Signature=SECRET")).code == "address_refused"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://h/a", "http://", "no link", "http://2130706433/a.mp4"])
async def test_a_link_that_is_no_http_address_is_refused(fetcher: Fetcher, url: str) -> None:
    error = await failure(fetcher, f"{url}?Signature=SECRET")
    assert error.code == "address_refused"


async def test_a_redirect_to_a_file_is_refused(fetcher: Fetcher, host: Host) -> None:
    error = await failure(fetcher, host.put("/a", status(302, Location="file:///etc/passwd?Signature=SECRET")))
    assert isinstance(error, SourceRefused)


def test_a_link_is_named_without_its_secrets() -> None:
    assert source_name("https://me:secret@h.example/a.mp4?Signature=x#y") == "https://h.example/a.mp4"
