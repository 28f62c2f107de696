"""What Cloudinary's errors mean for us. It knows few statuses and says the rest in words."""

import re

from reelhook.archive.errors import PlanLimit, StoreDown, StoreRefused, StoreUnauthorized, StoreUnavailable
from reelhook.errors import ReelhookError
from reelhook.kit.text import shorten
from reelhook.logs import mask

# Some errors reach us as text alone; the status is in it.
STATUS = re.compile(r"Error parsing server response \((\d{3})\)|^Error (\d{3}) - ")
TOO_LARGE = re.compile(r"File size too large\. Got (\d+)\. Maximum is (\d+)")
RATE_LIMITED = frozenset({420, 429})
WAIT_S = 60  # the SDK does not tell us when the rate limit ends


class SourceNotLoaded(StoreRefused):
    """Cloudinary could not fetch the file from its link; we still can.

    *expired*: the host refused the link, or nobody can tell why it went wrong; otherwise the host is in trouble.
    """

    code, retryable = "source_not_loaded", True

    def __init__(self, message: str, *, expired: bool) -> None:
        super().__init__(message)
        self.needs_fresh_link = expired


def explained(status: int | None, text: str) -> ReelhookError:
    """The error for an answer with *status* (None: none came, the outcome is unknown) and the message *text*."""
    if status is None and (found := STATUS.search(text)):
        status = int(found[1] or found[2])
    words = _tidy(text)
    if status is None or status < 400:
        return StoreUnavailable(f"Cloudinary did not answer: {words}" if status is None else f"Cloudinary: {words}")
    if status in RATE_LIMITED:
        return _limited(words)
    if status == 423 or status >= 499:
        return StoreUnavailable(f"Cloudinary answers {status}: {words}")
    if status == 401:
        return StoreUnauthorized("Cloudinary does not accept the key or secret in REELHOOK_CLOUDINARY_URL")
    if limit := TOO_LARGE.search(text):
        return PlanLimit(plan_limit(int(limit[1]), int(limit[2])))
    if "Stale request" in text:
        return StoreDown("Cloudinary calls the request stale: this machine's clock is wrong by more than an hour")
    if "Error in loading" in text:
        return SourceNotLoaded(f"Cloudinary could not fetch the file: {words}", expired=_link_is_dead(text))
    return StoreRefused(f"Cloudinary refused the file ({status}): {words}")


def _link_is_dead(text: str) -> bool:
    """What the host answered to Cloudinary stands behind the last dash: `… - 403 Forbidden`, `… - ERR_DNS_FAIL 0`.

    The wording is no contract, so what cannot be understood is taken for a dead link: a fresh one does no harm.
    """
    said = text.rpartition(" - ")[2]
    return not re.match(r"5\d\d\b|ERR_|.*time", said, re.IGNORECASE)


def plan_limit(size: int, most: int) -> str:
    """The sentence about a file that is too large."""
    return f"the file has {size} bytes, and the Cloudinary plan allows {most} for one file; a larger plan is needed"


def _limited(words: str) -> ReelhookError:
    if re.search(r"add-?on|subscri", words, re.IGNORECASE):
        return StoreRefused(f"Cloudinary asks for an add-on that is not subscribed to: {words}")
    return StoreDown(f"Cloudinary's rate limit is reached: {words}", retry_after_s=WAIT_S)


def _tidy(text: str) -> str:
    """Without the queries of addresses, which hold signatures, and not a whole page of it."""
    return shorten(re.sub(r"\?[^\s\"']+", "?…", mask(text)), 300)
