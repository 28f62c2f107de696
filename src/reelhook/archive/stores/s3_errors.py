"""What the errors of obstore mean for us. It knows few kinds, and says the rest in words around the service's XML."""

import re

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

from reelhook.archive.errors import StoreDown, StoreRefused, StoreUnauthorized, StoreUnavailable
from reelhook.errors import NotFound, ReelhookError
from reelhook.kit.text import shorten
from reelhook.logs import mask

STATUS = re.compile(r"status code: (\d{3})")
CODE = re.compile(r"<Code>([A-Za-z0-9.]{1,60})</Code>")
MESSAGE = re.compile(r"<Message>([^<]{1,300})</Message>")
# Nobody can be asked for a key: none is set, and this machine has no role that would give one.
NO_KEY = re.compile(r"/latest/(?:api/token|meta-data)|credential", re.IGNORECASE)
TOO_OFTEN = frozenset({429, 503})
WAIT_S = 60  # what says SlowDown says nothing of when

ERRORS = (BaseError, FileNotFoundError, OSError, ValueError)


def explained(error: Exception, bucket: str) -> ReelhookError:
    """Our error for one of *ERRORS*, which was met at *bucket*; *NotFound* for an object that is not there."""
    text = str(error)
    status, code = STATUS.search(text), CODE.search(text)
    said = _said(text)
    if code and code[1] == "NoSuchBucket":
        return StoreUnauthorized(f"there is no bucket {bucket}: create it, or mend REELHOOK_STORES")
    if isinstance(error, FileNotFoundError):
        return NotFound(f"it is not in the bucket {bucket}")
    if isinstance(error, (PermissionDeniedError, UnauthenticatedError)):
        return StoreUnauthorized(f"the bucket {bucket} is not open to our key: {said}")
    if status is None:
        return _unanswered(text, bucket)
    if int(status[1]) in TOO_OFTEN:
        return StoreDown(f"the bucket {bucket} takes nothing now: {said}", retry_after_s=WAIT_S)
    if int(status[1]) >= 500 or status[1] == "408":
        return StoreUnavailable(f"the bucket {bucket} is in trouble: {said}")
    return StoreRefused(f"the bucket {bucket} refused the file: {said}")


def _unanswered(text: str, bucket: str) -> ReelhookError:
    if NO_KEY.search(text):
        return StoreUnauthorized(
            f"there is no key for the bucket {bucket}: set REELHOOK_S3_ACCESS_KEY_ID and REELHOOK_S3_SECRET_ACCESS_KEY,"
            " or give this machine a role"
        )
    if "kind: Connect" in text:
        return StoreDown(f"the service with the bucket {bucket} was not reached")
    return StoreUnavailable(f"the service with the bucket {bucket} did not answer in time, or not to the end")


def _said(text: str) -> str:
    """Without addresses and with no page of debugging: the status, the service's own code, and its sentence."""
    found = [match[1] for pattern in (STATUS, CODE, MESSAGE) if (match := pattern.search(text))]
    return shorten(mask(" ".join(found)), 300) or "it does not say why"
