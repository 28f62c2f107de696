"""A `send` that adds header lines to the head of an answer."""

from collections.abc import Iterable

from starlette.types import Message, Send

Field = tuple[bytes, bytes]
Fields = tuple[Field, ...]
REQUEST_ID = b"x-request-id"


class Headed:
    """Adds *fields*, but for those that the answer brings itself; `vary` is added always, for it is a list.

    Who sends for hours, or looks closely at how the server sends, takes `own` and adds the fields without us.
    """

    __slots__ = ("fields", "own")

    def __init__(self, own: Send, fields: Fields) -> None:
        self.own, self.fields = own, fields

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": merged(message.get("headers", ()), self.fields)}
        await self.own(message)


def merged(headers: Iterable[Field], fields: Fields) -> list[Field]:
    """*headers* and those of *fields* that are not among them."""
    kept = list(headers)
    present = {name for name, _ in kept} - {b"vary"}
    return [*kept, *(field for field in fields if field[0] not in present)]


def bare(send: Send) -> tuple[Send, Fields]:
    """The server's own `send`, and what is to be added by hand to the answer's head."""
    if not isinstance(send, Headed):
        return send, ()
    own, fields = bare(send.own)
    return own, (*fields, *send.fields)
