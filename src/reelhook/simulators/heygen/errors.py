"""HeyGen's error envelope."""

from starlette.requests import Request
from starlette.responses import Response

from reelhook.simulators.control import json

ERROR_DOCS = "https://developers.heygen.com/docs/error-codes"


class ApiError(Exception):
    """An answer that says no."""

    def __init__(
        self, status: int, code: str, message: str, *, param: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.param, self.headers = status, code, message, param, headers

    def response(self) -> Response:
        """The envelope all v3 errors have."""
        error = {"code": self.code, "doc_url": f"{ERROR_DOCS}#{self.code.replace('_', '-')}", "message": self.message}
        if self.param is not None:
            error["param"] = self.param
        return json({"error": error}, self.status, self.headers)


async def refuse(_: Request, error: Exception) -> Response:
    """The answer to an ApiError, for Starlette's `exception_handlers`."""
    assert isinstance(error, ApiError)
    return error.response()


def invalid(message: str, param: str | None = None) -> ApiError:
    """400: the request itself is wrong."""
    return ApiError(400, "invalid_parameter", message, param=param)


def not_found(what: str, identity: str) -> ApiError:
    """404, in the live API's words: `video_not_found`, "Video vid-1 not found"."""
    return ApiError(404, f"{what}_not_found", f"{what.replace('_', ' ').capitalize()} {identity} not found")
