"""How much a request may bring: one limit for everything but the front door, which has its own."""

from fastapi import HTTPException
from starlette.types import Message, Receive, Scope

from reelhook.auth.refusals import BodyTooLarge, Malformed

MOST_BYTES = 1024 * 1024
TOO_LARGE = f"a request body may have at most {MOST_BYTES:,} bytes"


class BodyOverrun(HTTPException):
    """Raised within `receive()`: an HTTPException, because FastAPI turns every other error there into a 400."""

    code = BodyTooLarge.code

    def __init__(self) -> None:
        super().__init__(413, TOO_LARGE)


def announced(scope: Scope) -> int:
    """The Content-Length, 0 when there is none. Raises *Malformed* when it is not one plain number."""
    values = [value for name, value in scope["headers"] if name == b"content-length"]
    if not values:
        return 0
    if len(values) > 1 or not values[0].isdigit() or len(values[0]) > 18:
        raise Malformed("Content-Length must be one number")
    return int(values[0])


def counted(receive: Receive) -> Receive:
    """*receive*, which raises *BodyOverrun* once more has come than is allowed, whatever was announced."""
    seen = 0

    async def receive_counting() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MOST_BYTES:
            raise BodyOverrun
        return message

    return receive_counting
