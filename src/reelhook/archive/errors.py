"""What can go wrong when a file is fetched or stored."""

from reelhook.errors import Blame, Conflict, ReelhookError, Unavailable


class FetchFailed(Unavailable):
    """The other side was not reached, did not finish, or is in trouble."""

    code = "fetch_failed"


class NoLink(Unavailable):
    """Nobody has told us a link yet."""

    code = "no_link"


class LinkExpired(FetchFailed):
    """The asset host does not give the file out under this link (any more): ask HeyGen for a fresh one."""

    code, needs_fresh_link = "link_expired", True


class RedirectLoop(FetchFailed):
    """The link leads from address to address without end."""

    code, needs_fresh_link = "redirect_loop", True


class LinkUsedUp(ReelhookError):
    """The link has expired, and nobody can be asked for a fresh one."""

    status, code = 502, "link_used_up"


class ContentChanged(FetchFailed):
    """The file behind the link became another one while we read it."""

    code = "content_changed"


class TooSlow(FetchFailed):
    """The download took longer than DOWNLOAD_LIMIT_S."""

    code = "download_too_slow"


class CutOff(FetchFailed):
    """The host served all that it said it would, but the film is longer than that."""

    code, needs_fresh_link = "cut_off", True


class NotMedia(ReelhookError):
    """What was served is not what it should be: empty, a web page, another kind of file.

    With a fresh link it may be another answer; whether one can be had, the handler knows.
    """

    status, code, retryable, needs_fresh_link = 502, "not_media", True, True


class WrongMedia(NotMedia):
    """The same, and no fresh link can be had."""

    retryable = needs_fresh_link = False


class TooLarge(ReelhookError):
    """The file is larger than VIDEO_MAX_BYTES."""

    status, code = 422, "too_large"


class SourceRefused(ReelhookError):
    """The link leads to an address we do not fetch from."""

    status, code = 422, "address_refused"


class RenderFailed(ReelhookError):
    """HeyGen says that the video failed, though an event said it succeeded."""

    status, code = 502, "heygen_says_failed"


class NotStored(Conflict):
    """The file is not in its store, so there is nothing to link to."""

    code = "not_stored"


class StoreUnavailable(Unavailable):
    """The store was not reached, or is in trouble."""

    code, blame = "store_unavailable", Blame.UNCLEAR


class StoreDown(StoreUnavailable):
    """The store does not take anything now, whatever it is: work waits for it."""

    blame = Blame.DESTINATION


class StoreFull(StoreDown):
    """No room left; an operator can make some while work waits."""

    code = "store_full"


class StoreUnauthorized(StoreDown):
    """The store does not accept our key."""

    code = "store_unauthorized"


class StoreRefused(ReelhookError):
    """The store said no: the same again gets the same answer."""

    status, code = 502, "store_refused"


class PlanLimit(StoreRefused):
    """The file is larger than what the store's plan allows."""

    code = "plan_limit"


class NotVerified(StoreUnavailable):
    """What was stored is not what was sent; it does not count as stored."""

    code, blame = "not_verified", Blame.WORK


class OtherBytes(NotVerified):
    """The store already holds a different file under this name. The next try replaces it."""

    code = "other_bytes_stored"


class OtherBytesAgain(StoreRefused):
    """Even after it was replaced, the stored file is another one."""

    code = "wrong_bytes_stored"
