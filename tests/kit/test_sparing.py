"""Nothing that the client has is sent again, what is long is compressed, and what is secret is left alone."""

import gzip
from typing import Any

import httpx2 as httpx
import pytest
import zstandard
from starlette.types import Message, Receive, Scope, Send

from reelhook.kit.encodings import SMALLEST
from reelhook.kit.sparing import VARY, Sparing

LONG = b'{"data": [' + b'{"state": "ready"},' * 100 + b"null]}"
assert len(LONG) > SMALLEST


class App:
    """Answers with what the test says, and remembers how it was asked."""

    def __init__(self) -> None:
        self.status, self.body, self.methods = 200, LONG, list[str]()
        self.headers = {"content-type": "application/json"}
        self.pieces = 1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.methods.append(scope["method"])
        headers = self.headers if self.pieces > 1 else self.headers | {"content-length": str(len(self.body))}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        size = len(self.body) // self.pieces + 1
        for number in range(self.pieces):
            piece = self.body[number * size : (number + 1) * size]
            await send({"type": "http.response.body", "body": piece, "more_body": number + 1 < self.pieces})


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def client(app: App) -> httpx.AsyncClient:
    """Takes no encoding unless it says so."""
    spared = Sparing(app, lambda path: "no-store" if path.startswith("/secret") else "private, no-cache")
    transport = httpx.ASGITransport(spared)
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers={"accept-encoding": "identity"})


def undone(answer: httpx.Response) -> bytes:
    """The client undoes every encoding but the youngest."""
    is_zstd = answer.headers.get("content-encoding") == "zstd"
    return zstandard.decompress(answer.content) if is_zstd else answer.content


async def test_an_answer_to_a_read_may_be_kept_and_asked_for_again(client: httpx.AsyncClient) -> None:
    answer = await client.get("/list")
    assert answer.content == LONG
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["vary"] == VARY
    assert answer.headers["etag"].startswith('W/"')
    assert "content-encoding" not in answer.headers


async def test_who_has_it_is_sent_nothing(client: httpx.AsyncClient, app: App) -> None:
    etag = (await client.get("/list")).headers["etag"]
    for condition in (etag, f'"x", {etag}', "*", etag.removeprefix("W/")):
        answer = await client.get("/list", headers={"if-none-match": condition, "accept-encoding": "gzip"})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
        assert answer.headers["vary"] == VARY
        assert answer.headers["cache-control"] == "private, no-cache"
        assert not {"content-length", "content-type", "content-encoding"} & set(answer.headers)
    app.body = LONG + b" "
    answer = await client.get("/list", headers={"if-none-match": etag})
    assert (answer.status_code, answer.content) == (200, app.body)


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
async def test_a_long_answer_is_compressed_as_the_client_likes(client: httpx.AsyncClient, encoding: str) -> None:
    plain = await client.get("/list")
    answer = await client.get("/list", headers={"accept-encoding": encoding})
    assert answer.headers["content-encoding"] == encoding
    assert int(answer.headers["content-length"]) < len(LONG) / 5
    assert undone(answer) == LONG
    assert answer.headers["etag"] == plain.headers["etag"], "a weak tag is for all encodings of the same"
    assert answer.headers["vary"] == plain.headers["vary"]


async def test_accept_encoding_may_come_in_several_lines(client: httpx.AsyncClient) -> None:
    request = client.build_request("GET", "/list", headers=[("accept-encoding", "deflate"), ("accept-encoding", "br")])
    assert (await client.send(request)).headers["content-encoding"] == "br"


@pytest.mark.parametrize(
    ("body", "media_type"), [(LONG[: SMALLEST - 1], "application/json"), (LONG, "image/png"), (b"", "text/plain")]
)
async def test_what_would_not_get_much_shorter_is_sent_as_it_is(
    client: httpx.AsyncClient, app: App, body: bytes, media_type: str
) -> None:
    app.body, app.headers = body, {"content-type": media_type}
    answer = await client.get("/list", headers={"accept-encoding": "gzip"})
    assert answer.content == body
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == VARY


async def test_what_is_encoded_already_is_not_encoded_twice(client: httpx.AsyncClient, app: App) -> None:
    app.body = gzip.compress(LONG * 100, 0)
    app.headers |= {"content-encoding": "gzip"}
    answer = await client.get("/list", headers={"accept-encoding": "br, gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.content == LONG * 100


@pytest.mark.parametrize("by", ["path", "header", "status", "method"])
async def test_a_secret_an_error_and_what_is_not_read_are_never_kept_nor_compressed(
    client: httpx.AsyncClient, app: App, by: str
) -> None:
    if by == "header":
        app.headers |= {"cache-control": "private, no-store"}
    if by == "status":
        app.status = 404
    method, path = "POST" if by == "method" else "GET", "/secret/1" if by == "path" else "/list"
    answer = await client.request(method, path, headers={"accept-encoding": "gzip", "if-none-match": "*"})
    assert answer.status_code == app.status
    assert "no-store" in answer.headers["cache-control"]
    assert not {"etag", "content-encoding"} & set(answer.headers)
    assert answer.content == LONG
    assert int(answer.headers["content-length"]) == len(LONG)


async def test_what_an_endpoint_says_itself_stays(client: httpx.AsyncClient, app: App) -> None:
    app.headers |= {"cache-control": "public, max-age=60"}
    assert (await client.get("/list")).headers["cache-control"] == "public, max-age=60"


@pytest.mark.parametrize("pieces", [1, 3])
async def test_head_tells_what_get_would_bring(client: httpx.AsyncClient, app: App, pieces: int) -> None:
    app.pieces = pieces
    get = await client.get("/list", headers={"accept-encoding": "br"})
    head = await client.head("/list", headers={"accept-encoding": "br"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == get.headers
    assert app.methods == ["GET", "GET"]


async def sent(app: App, method: str) -> list[Message]:
    """What goes to the server, which a client would not show."""
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is read")

    scope = {"type": "http", "method": method, "path": "/list", "headers": [(b"accept-encoding", b"gzip")]}
    await Sparing(app, lambda _: "private, no-cache")(scope, receive, send)
    return messages


async def test_a_body_in_several_pieces_passes_as_it_comes(app: App) -> None:
    app.pieces = 3
    start, *pieces = await sent(app, "GET")
    assert dict(start["headers"]) == {b"content-type": b"application/json", b"cache-control": b"private, no-cache"}
    assert [piece["more_body"] for piece in pieces] == [True, True, False]
    assert b"".join(piece["body"] for piece in pieces) == LONG


@pytest.mark.parametrize("pieces", [1, 3])
async def test_the_answer_to_head_has_no_body(app: App, pieces: int) -> None:
    app.pieces = pieces
    _, *bodies = await sent(app, "HEAD")
    assert [body["body"] for body in bodies] == [b""] * pieces
