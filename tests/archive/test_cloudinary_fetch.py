"""Cloudinary fetches by itself, or we relay after all."""

from collections.abc import Iterator

import pytest

from reelhook.archive import Account, Fetcher
from reelhook.archive.errors import OtherBytes
from reelhook.archive.stores.cloudinary import CloudinaryStore
from reelhook.archive.stores.cloudinary_errors import SourceNotLoaded
from tests.archive.cloud import Cloud, keep, refused
from tests.archive.conftest import QuickClock
from tests.archive.host import Answer, Host, film, md5, sha256, status, whole
from tests.archive.memory import Memory

pytestmark = pytest.mark.usefixtures("parts_begin_early")


@pytest.fixture
def remote(account: Account, clock: QuickClock) -> Iterator[CloudinaryStore]:
    store = CloudinaryStore(account, clock, remote_fetch=True)
    yield store
    store.close()


async def test_cloudinary_may_fetch_it_and_then_only_the_length_is_verified(
    fetcher: Fetcher, remote: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    data = film(2_000_000)
    stored = await keep(fetcher, remote, host.put("/a.mp4", whole(data)))
    assert (stored.bytes, stored.sha256, stored.md5, stored.verified) == (len(data), None, md5(data), "length")
    assert host.asked("/a.mp4") == 2


@pytest.mark.parametrize(("answer", "fresh"), [(status(403), True), (status(503), False)])
async def test_what_cloudinary_cannot_fetch_twice_is_relayed(
    fetcher: Fetcher, remote: CloudinaryStore, host: Host, answer: Answer, fresh: bool
) -> None:
    """The first time it may be the link, or the host's bad moment."""
    memory, film_answer = Memory(), whole(film())
    url = host.put("/a.mp4", film_answer, answer, film_answer, answer, film_answer)
    error = await refused(fetcher, remote, url, memory)
    assert isinstance(error, SourceNotLoaded)
    assert (error.retryable, error.needs_fresh_link) == (True, fresh)
    stored = await keep(fetcher, remote, url, memory)
    assert stored.verified == "digest"


async def test_a_relay_that_has_begun_is_not_turned_into_a_fetch(
    fetcher: Fetcher, remote: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    memory = Memory()
    memory.state = {"id": "known", "etag": '"one"', "length": 5, "sent": 0}
    assert (await keep(fetcher, remote, host.put("/a.mp4", whole(film())), memory)).verified == "digest"


async def test_a_fetch_with_an_unknown_outcome_is_relayed_and_found(
    fetcher: Fetcher, remote: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    await cloud.arm("drop_after")
    stored = await keep(fetcher, remote, host.put("/a.mp4", whole(film())))
    assert (stored.verified, stored.sha256) == ("digest", sha256(film()))


async def test_what_cloudinary_fetched_short_is_replaced_by_a_relay(
    fetcher: Fetcher, remote: CloudinaryStore, cloud: Cloud, host: Host
) -> None:
    memory = Memory()
    url = host.put("/a.mp4", whole(film()))
    await cloud.arm("truncated", bytes=7)
    assert isinstance(await refused(fetcher, remote, url, memory), OtherBytes)
    assert (await keep(fetcher, remote, url, memory)).verified == "digest"


async def test_files_too_large_or_of_unknown_length_are_relayed(
    fetcher: Fetcher, remote: CloudinaryStore, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await keep(fetcher, remote, host.put("/a.mp4", whole(film(), chunked=True)))).verified == "digest"
    monkeypatch.setattr("reelhook.archive.stores.cloudinary.REMOTE_MOST", 1000)
    assert (await keep(fetcher, remote, host.put("/a.mp4", whole(film())))).verified == "digest"
