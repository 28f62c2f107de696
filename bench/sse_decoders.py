"""How clients decode a packed stream as it arrives: `.venv/bin/python bench/sse_decoders.py`. Needs Chromium.

A small server sends four frames, 0.3 s apart, packed in each way; every client says after how many milliseconds it had
how much.
"""

import asyncio
import shutil
import time
import zlib
from collections.abc import AsyncGenerator
from contextlib import aclosing

import aiohttp
import httpx2 as httpx
import zstandard
from playwright.async_api import async_playwright

PAUSE_S = 0.3
FRAMES = [f"id: {number}\nevent: u\ndata: {f'hello {number} ' * 20}\n\n".encode() for number in range(4)]
GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
LISTEN = """way => new Promise(done => {
  const begun = performance.now(), got = [], source = new EventSource('/' + way);
  source.addEventListener('u', event => {
    got.push([event.data.length, Math.round(performance.now() - begun)]);
    if (got.length === 4) done(got);
  });
  setTimeout(() => { source.close(); done(got); }, 2500);
})"""


def _blocks(frame: bytes) -> bytes:
    packer = zlib.compressobj(6, wbits=-15)
    return packer.compress(frame) + packer.flush(zlib.Z_SYNC_FLUSH)


def _member(frame: bytes) -> bytes:
    packer = zlib.compressobj(6, wbits=31)
    return packer.compress(frame) + packer.flush()


WAYS = {
    "gzip-blocks": ("gzip", GZIP_HEAD, _blocks),
    "gzip-members": ("gzip", b"", _member),
    "zstd-frames": ("zstd", b"", zstandard.ZstdCompressor(level=3).compress),
}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    way = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode().strip("/")
    if way in WAYS:
        encoding, opening, pack = WAYS[way]
        head = f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: {encoding}\r\n"
        writer.write(f"{head}connection: close\r\n\r\n".encode() + opening)
        for frame in FRAMES:
            writer.write(pack(frame))
            await asyncio.sleep(PAUSE_S)
    else:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    writer.close()


async def by_aiohttp(url: str) -> AsyncGenerator[bytes, None]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        async for piece in answer.content.iter_any():
            yield piece


async def by_httpx(url: str) -> AsyncGenerator[bytes, None]:
    async with httpx.AsyncClient() as client, client.stream("GET", url) as answer:
        async for piece in answer.aiter_bytes():
            yield piece


async def arrivals(pieces: AsyncGenerator[bytes, None]) -> object:
    begun, got = time.monotonic(), []
    try:
        async for piece in pieces:
            got.append([len(piece), round((time.monotonic() - begun) * 1000)])
    except (aiohttp.ClientError, httpx.HTTPError) as error:
        return type(error).__name__
    return got


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = await chromium.new_page()
        await page.goto(base)
        for way in WAYS:
            print(f"{way}: [bytes, ms]")
            print(f"  Chromium {chromium.version}: {await page.evaluate(LISTEN, way)}")
            for name, pieces in (("aiohttp", by_aiohttp), ("httpx2", by_httpx)):
                async with aclosing(pieces(f"{base}/{way}")) as arriving:
                    print(f"  {name}: {await arrivals(arriving)}")
        await chromium.close()
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
