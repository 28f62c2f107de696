"""The web app as files: the shell for page addresses, assets for ever, and a policy that lets nothing else in."""

from pathlib import Path

import httpx2 as httpx
import pytest

from reelhook.dashboard import Dashboard


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


async def test_the_policy_allows_nothing_inline_and_media_only_from_the_stores(built: Path) -> None:
    async with client(built, "https://res.cloudinary.com") as browser:
        policy = (await browser.get("/")).headers["content-security-policy"]
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert "unsafe" not in policy
    assert parts["default-src"] == "'self'"
    assert parts["media-src"] == "'self' https://res.cloudinary.com"
    assert parts["frame-ancestors"] == "'none'"


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
