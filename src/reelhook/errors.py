"""The errors of Reelhook. Each says what happened, to what, and what to do about it."""

import math
from collections.abc import Mapping
from enum import StrEnum


class Blame(StrEnum):
    """Whose trouble it is when something outside was asked."""

    WORK = "work"  # that of what was asked for
    UNCLEAR = "unclear"  # this, or the other
    DESTINATION = "destination"  # the other side's: whatever else was asked now would fare the same


class ReelhookError(Exception):
    """Trouble with a name: an HTTP status, a stable *code*, and whether trying the same again can help."""

    status = 500
    code = "internal_error"
    retryable = False
    # Trying again helps only with a new link to the file.
    needs_fresh_link = False
    blame = Blame.WORK
    # What the outside service that said no calls this trouble, when one did and had a name for it.
    outside_code: str | None = None

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, told: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after_s = retry_after_s
        self._told = told or {}

    @property
    def headers(self) -> dict[str, str]:
        """What the answer says beside its body: when to come back, and what else was *told*."""
        again = {} if self.retry_after_s is None else {"retry-after": str(math.ceil(self.retry_after_s))}
        return {**self._told, **again}

    @property
    def extra(self) -> Mapping[str, str]:
        """Members of the problem document beside the usual ones, for programs."""
        return {}


class WrongSetting(ReelhookError):
    """A setting that cannot be used. It stops the start."""

    code = "wrong_setting"


class WrongInput(ReelhookError):
    status, code = 422, "wrong_input"


class Unauthorized(ReelhookError):
    status, code = 401, "unauthorized"


class Forbidden(ReelhookError):
    status, code = 403, "forbidden"


class NotFound(ReelhookError):
    status, code = 404, "not_found"


class Conflict(ReelhookError):
    status, code = 409, "conflict"


class TooManyRequests(ReelhookError):
    status, code, retryable = 429, "too_many_requests", True


class Unavailable(ReelhookError):
    """Something this request needs is away for a while."""

    status, code, retryable = 503, "unavailable", True


class DatabaseUnavailable(Unavailable):
    code = "database_unavailable"
