"""What the tests of downloads do: fetch a file whole, or see it fail without a secret in the words."""

import pytest

from reelhook.archive import Fetcher
from reelhook.errors import ReelhookError
from tests.archive.host import film

DATA = film(3_000_000)


async def fetched(fetcher: Fetcher, url: str, role: str = "video") -> bytes:
    async with fetcher.open(url, role) as download:
        data = b"".join([piece async for piece in download.chunks])
        assert download.length in (None, len(data))
        return data


async def failure(fetcher: Fetcher, url: str, role: str = "video") -> ReelhookError:
    with pytest.raises(ReelhookError) as caught:
        await fetched(fetcher, url, role)
    assert "SECRET" not in caught.value.message
    assert "?" not in caught.value.message
    return caught.value
