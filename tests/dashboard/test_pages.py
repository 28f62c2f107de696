"""The web app as files: the shell for page addresses, assets for ever, and a policy that lets nothing else in."""

import asyncio
import threading
from contextlib import suppress
from pathlib import Path

import httpx2 as httpx
import pytest
import zstandard

from reelhook.dashboard import Dashboard
from reelhook.dashboard.files import read_all
from reelhook.kit import encodings


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>shell</title>")
    (tmp_path / "assets" / "index-abc.js").write_text("run()")
    (tmp_path / ".stamp").write_text("not for the world")
    return tmp_path


def client(root: Path, *hosts: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(Dashboard(hosts, root)), base_url="http://test")


@pytest.mark.parametrize("path", ["/", "/videos/01a2", "/sign-in", "/anything/deep"])
async def test_every_page_address_gets_the_shell(built: Path, path: str) -> None:
    async with client(built) as browser:
        answer = await browser.get(path)
    assert answer.status_code == 200
    assert "shell" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


async def test_assets_are_kept_for_ever_and_unknown_files_are_not_the_shell(built: Path) -> None:
    async with client(built) as browser:
        asset = await browser.get("/assets/index-abc.js")
        assert "immutable" in asset.headers["cache-control"]
        assert "javascript" in asset.headers["content-type"]
        for path in ("/assets/old.js", "/.stamp", "/favicon.png"):
            assert (await browser.get(path)).status_code == 404


async def test_the_sdk_keeps_its_name_so_it_is_kept_for_minutes_and_then_asked_for_by_its_tag(built: Path) -> None:
    (built / "sdk").mkdir()
    (built / "sdk" / "v1.js").write_text("var Reelhook = {};" * 100)
    async with client(built) as browser:
        script = await browser.get("/sdk/v1.js", headers={"accept-encoding": "br"})
        again = await browser.get(
            "/sdk/v1.js", headers={"accept-encoding": "br", "if-none-match": script.headers["etag"]}
        )
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["cache-control"] == "public, max-age=600"
    assert script.headers["content-encoding"] == "br"
    assert again.status_code == 304


async def test_the_policy_allows_nothing_inline_and_media_only_from_the_stores(built: Path) -> None:
    async with client(built, "https://res.cloudinary.com") as browser:
        policy = (await browser.get("/")).headers["content-security-policy"]
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert "unsafe" not in policy
    assert parts["default-src"] == "'self'"
    assert parts["media-src"] == "'self' https://res.cloudinary.com"
    assert parts["frame-ancestors"] == "'none'"
    assert parts["worker-src"] == parts["manifest-src"] == "'self'"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("sw.js", "text/javascript; charset=utf-8"),
        ("manifest.webmanifest", "application/manifest+json"),
        ("icons/icon-192.png", "image/png"),
    ],
)
async def test_what_a_phone_installs_has_its_type_and_is_asked_for_again_each_time(
    built: Path, name: str, media_type: str
) -> None:
    (built / "icons").mkdir()
    (built / name).write_text("x")
    async with client(built) as browser:
        answer = await browser.get(f"/{name}")
    assert answer.headers["content-type"] == media_type
    assert answer.headers["cache-control"] == "no-cache"


async def test_an_unchanged_page_is_not_sent_again(built: Path) -> None:
    async with client(built) as browser:
        first = await browser.get("/")
        again = await browser.get("/", headers={"if-none-match": first.headers["etag"]})
        head = await browser.head("/")
    assert (again.status_code, again.content) == (304, b"")
    assert (head.status_code, head.content) == (200, b"")


async def test_pages_cannot_be_posted_to(built: Path) -> None:
    async with client(built) as browser:
        answer = await browser.post("/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_an_app_that_was_not_built_says_how_to_get_it(tmp_path: Path) -> None:
    async with client(tmp_path) as browser:
        answer = await browser.get("/")
    assert answer.status_code == 503
    assert "make install" in answer.json()["detail"]


LARGE = "body { color: black; }\n" * 200


@pytest.fixture
def large(built: Path) -> Path:
    (built / "assets" / "index-abc.css").write_text(LARGE)
    (built / "assets" / "photo-abc.png").write_bytes(b"\x89PNG" + bytes(5000))
    return built


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, deflate, br, zstd", "br"), ("gzip, zstd", "zstd"), ("gzip", "gzip"), ("br;q=0, *;q=0", None), ("", None)],
)
async def test_an_asset_comes_in_the_smallest_encoding_that_the_browser_takes(
    large: Path, accepted: str, encoding: str | None
) -> None:
    async with client(large) as browser:
        answer = await browser.get("/assets/index-abc.css", headers={"accept-encoding": accepted})
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "immutable" in answer.headers["cache-control"]
    assert (int(answer.headers["content-length"]) < len(LARGE)) == (encoding is not None)
    content = zstandard.decompress(answer.content) if encoding == "zstd" else answer.content
    assert content.decode() == LARGE


async def test_each_encoding_has_a_tag_of_its_own(large: Path) -> None:
    path = "/assets/index-abc.css"
    async with client(large) as browser:
        answers = {
            encoding: await browser.get(path, headers={"accept-encoding": encoding})
            for encoding in ("br", "zstd", "gzip", "identity")
        }
        assert len({answer.headers["etag"] for answer in answers.values()}) == 4
        for encoding, answer in answers.items():
            asked = {"accept-encoding": encoding, "if-none-match": answer.headers["etag"]}
            again = await browser.get(path, headers=asked)
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == answer.headers["etag"]
            assert again.headers["vary"] == "Accept-Encoding"
            assert "content-length" not in again.headers
        other = {"accept-encoding": "gzip", "if-none-match": answers["br"].headers["etag"]}
        assert (await browser.get(path, headers=other)).status_code == 200


async def test_head_tells_the_length_of_what_get_would_bring(large: Path) -> None:
    async with client(large) as browser:
        get = await browser.get("/assets/index-abc.css", headers={"accept-encoding": "br"})
        head = await browser.head("/assets/index-abc.css", headers={"accept-encoding": "br"})
    assert head.content == b""
    assert head.headers == get.headers


async def test_a_range_is_answered_with_the_whole(large: Path) -> None:
    async with client(large) as browser:
        answer = await browser.get("/assets/index-abc.css", headers={"range": "bytes=0-9"})
    assert answer.status_code == 200
    assert answer.text == LARGE


async def test_what_is_small_or_compressed_already_is_sent_as_it_is(large: Path) -> None:
    async with client(large) as browser:
        for path in ("/", "/assets/index-abc.js", "/assets/photo-abc.png"):
            answer = await browser.get(path, headers={"accept-encoding": "br"})
            assert not {"content-encoding", "vary"} & set(answer.headers)


async def test_a_file_is_compressed_once_however_many_ask_and_hang_up(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compressed: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def compress(content: bytes) -> bytes:
        compressed.append(len(content))
        begun.set()
        assert go_on.wait(10)
        return b"short"

    monkeypatch.setitem(encodings.SMALL, "br", compress)
    file = read_all(large)["/assets/index-abc.css"]
    impatient, *patient = (asyncio.create_task(file.variant("br")) for _ in range(5))
    assert await asyncio.to_thread(begun.wait, 10)
    impatient.cancel()
    with suppress(asyncio.CancelledError):
        await impatient
    go_on.set()
    assert {variant.content for variant in await asyncio.gather(*patient)} == {b"short"}
    assert compressed == [len(LARGE)]


async def test_the_reference_of_the_api_is_a_page_of_its_own_and_not_the_app(built: Path) -> None:
    (built / "docs").mkdir()
    (built / "docs" / "index.html").write_text("<!doctype html><title>reference</title>")
    async with client(built) as browser:
        answers = [await browser.get(path) for path in ("/docs", "/docs/index.html")]
        assert "shell" in (await browser.get("/docsy")).text
    assert ["reference" in answer.text for answer in answers] == [True, True]
    assert all("default-src 'self'" in answer.headers["content-security-policy"] for answer in answers)
