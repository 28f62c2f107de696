"""Answers that cost no more bytes than they must: what the client has is not sent again, and what is long is shortened.

For apps whose answers are built whole before they are sent. An answer that says `no-store` is left as it is: it is
secret, and the length of a compressed secret next to words of somebody else tells about the secret (BREACH).
"""

from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reelhook.kit import encodings, etags

NO_STORE = "no-store"
# Who asks decides what is in the answer, and the encodings they take decide its bytes.
VARY = "Accept-Encoding, Authorization, Cookie"


class Sparing:
    """Plain ASGI. Gives every answer of *app* its Cache-Control, and those to GET and HEAD an ETag and an encoding.

    *cache_control* says by the path how an answer may be kept; errors and answers to other methods may not be.
    """

    def __init__(self, app: ASGIApp, cache_control: Callable[[str], str]) -> None:
        self._app, self._cache_control = app, cache_control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reads = scope["method"] in ("GET", "HEAD")
        usual = self._cache_control(scope["path"]) if reads else NO_STORE
        answer = _Answer(Headers(scope=scope), usual, send, head=scope["method"] == "HEAD")
        # The header of a HEAD tells of the body that a GET would bring.
        await self._app({**scope, "method": "GET"} if answer.head else scope, receive, answer.take)


class _Answer:
    """One answer on its way. Its start waits for the first piece of its body; a body in several pieces passes."""

    def __init__(self, asked: Headers, usual: str, send: Send, *, head: bool) -> None:
        self._asked, self._usual, self._send, self.head = asked, usual, send, head
        self._start: Message | None = None

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if self._start is not None:
            start, self._start = self._start, None
            headers = MutableHeaders(raw=list(start["headers"]))
            headers.setdefault("cache-control", self._usual if start["status"] < 400 else NO_STORE)
            whole = start["status"] == 200 and not message.get("more_body", False)
            if whole and NO_STORE not in headers["cache-control"]:
                start, message = self._spared(start, message, headers)
            await self._send({**start, "headers": headers.raw})
        await self._send({**message, "body": b""} if self.head else message)

    def _spared(self, start: Message, message: Message, headers: MutableHeaders) -> tuple[Message, Message]:
        """The same answer in fewer bytes, if it can be; *headers* are changed to match."""
        body = message.get("body", b"")
        headers["etag"] = etags.weak(body)
        headers["vary"] = VARY
        if etags.matches(self._asked.get("if-none-match"), headers["etag"]):
            for name in ("content-length", "content-type"):
                del headers[name]
            return {**start, "status": 304}, {**message, "body": b""}
        if "content-encoding" not in headers and encodings.worth_it(body, headers.get("content-type", "")):
            accepted = ",".join(self._asked.getlist("accept-encoding"))
            encoding = encodings.chosen(accepted, encodings.QUICK)
            if encoding is not None:
                body = encodings.QUICK[encoding](body)
                headers["content-encoding"] = encoding
                headers["content-length"] = str(len(body))
        return start, {**message, "body": body}
