"""What can go wrong when we ask HeyGen for something. Retrying is left to the jobs; *retryable* tells them."""

from reelhook.errors import Blame, ReelhookError


class HeyGenError(ReelhookError):
    """HeyGen's own words: its HTTP status (None when no answer came), its code, and the id of the request."""

    status = 502

    def __init__(
        self,
        message: str,
        *,
        heygen_status: int | None = None,
        heygen_code: str | None = None,
        request_id: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, retry_after_s=retry_after_s)
        self.heygen_status, self.heygen_code, self.request_id = heygen_status, heygen_code, request_id
        self.outside_code = heygen_code


class HeyGenUnauthorized(HeyGenError):
    """HeyGen does not accept the API key."""

    code, blame = "heygen_unauthorized", Blame.DESTINATION


class HeyGenRefused(HeyGenError):
    """HeyGen understood and said no: asking the same again gets the same answer."""

    code = "heygen_refused"


class VideoNotFound(HeyGenRefused):
    """HeyGen knows no such video."""

    status, code = 404, "heygen_video_not_found"


class HeyGenBusy(HeyGenError):
    """Too many requests, or too many videos at once (10 on Pay-As-You-Go): wait *retry_after_s*, if given."""

    status, code, retryable, blame = 503, "heygen_busy", True, Blame.DESTINATION


class RequestInProgress(HeyGenError):
    """An earlier request with the same Idempotency-Key is still running."""

    status, code, retryable = 503, "heygen_request_in_progress", True


class HeyGenUnavailable(HeyGenError):
    """HeyGen was not reached, did not finish, or answered something that is no answer."""

    status, code, retryable, blame = 503, "heygen_unavailable", True, Blame.UNCLEAR
