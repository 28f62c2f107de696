"""Cloudinary's error envelope."""

from starlette.requests import Request
from starlette.responses import Response

from reelhook.simulators.control import json


class CloudinaryError(Exception):
    """An answer that says no."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, headers or {}

    def response(self) -> Response:
        """The envelope, with its text once more in `x-cld-error`."""
        text = self.message.encode("ascii", "replace").decode().replace("\n", " ")
        return json({"error": {"message": self.message}}, self.status, {"x-cld-error": text, **self.headers})


async def refuse(_: Request, error: Exception) -> Response:
    """The answer to a CloudinaryError, for Starlette's `exception_handlers`."""
    assert isinstance(error, CloudinaryError)
    return error.response()
