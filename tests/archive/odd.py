"""A store with an opinion of its own."""

from reelhook.archive.fetch import Download
from reelhook.archive.stores import Asset, Stored


class Odd:
    """A store with an opinion of its own."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.puts = list(errors), 0

    async def put(self, asset: Asset, download: Download) -> Stored:
        self.puts += 1
        await asset.remember({"try": self.puts})
        if self.errors:
            raise self.errors.pop(0)
        kept = b"".join([piece async for piece in download.chunks])
        poster = "https://cdn/p.jpg"
        return Stored("video/x", "https://cdn/x.mp4", len(kept), None, "m", "video/mp4", "length", poster)

    async def delete(self, location: str) -> None: ...

    async def check(self) -> None: ...

    def close(self) -> None: ...
