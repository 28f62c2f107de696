"""Asking HeyGen for what it tells once: never twice for the same, and never without being able to ask again."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from reelhook import logs
from reelhook.db import Tx
from reelhook.errors import Conflict, DatabaseUnavailable, Unavailable
from reelhook.heygen import HeyGen, HeyGenError
from reelhook.ingest.secrets import SecretBook
from reelhook.ingest.under_way import Change, Kind, begin, end
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids

T = TypeVar("T")

PAUSES_S = (1.0, 3.0)  # between attempts; while they last, new signatures are answered 503
LONGEST_PAUSE_S = 10.0

log = logs.get("ingest")


class NoApiKey(Conflict):
    code = "no_heygen_api_key"


class Unfinished(Unavailable):
    """HeyGen's answer was lost. The key of the question is kept."""

    code = "change_unfinished"


class Asking:
    """Asks with an Idempotency-Key that is on disk before."""

    def __init__(self, heygen: HeyGen | None, book: SecretBook, clock: Clock, ids: Ids) -> None:
        self._heygen, self._book, self._clock, self._ids = heygen, book, clock, ids

    @property
    def heygen(self) -> HeyGen:
        """The client. Raises *NoApiKey*."""
        if self._heygen is None:
            raise NoApiKey("HeyGen cannot be asked: set REELHOOK_HEYGEN_API_KEY")
        return self._heygen

    async def ask(self, kind: Kind, target: str, call: Callable[[str], Awaitable[T]]) -> tuple[Change, T]:
        """What HeyGen answers to *call*, which gets the key. The caller has to `finish` the change.

        Raises *Unfinished* when the answer is lost, and a *HeyGenError* when it is no: then there is nothing to finish.
        """
        change = await self._book.change(lambda tx: begin(tx, kind, target, self._ids.new(), self._clock.now()))
        try:
            return change, await self._insist(lambda: call(change.key))
        except HeyGenError as error:
            log.warning("heygen.change_failed", kind=kind, target=target, code=error.code, error=error.message)
            if _may_be_done(error):
                raise Unfinished(f"{error.message}. Whether HeyGen did it is not known. {_again(change)}") from error
            await self.finish(change, lambda _: None)
            raise

    async def finish(self, change: Change, keep: Callable[[Tx], T]) -> T:
        """Commit what HeyGen answered and forget the key in the same transaction. What *keep* wrote is in force then.

        Raises *Unfinished* when that cannot be done.
        """

        def both(tx: Tx) -> T:
            end(tx, change)
            return keep(tx)

        try:
            return await self._book.change(both)
        except DatabaseUnavailable as error:
            raise Unfinished(f"HeyGen has answered, but {error.message}. {_again(change)}") from error

    async def _insist(self, call: Callable[[], Awaitable[T]]) -> T:
        for pause_s in PAUSES_S:
            try:
                return await call()
            except HeyGenError as error:
                if not _may_be_done(error):
                    raise
                await self._clock.sleep(min(max(pause_s, error.retry_after_s or 0), LONGEST_PAUSE_S))
        return await call()


def _may_be_done(error: HeyGenError) -> bool:
    """Whether the same key can still get a better answer. An answer of HeyGen's own that does not help, it may repeat
    for as long as it keeps the key; a gateway's says nothing about what is behind it."""
    return error.retryable and error.heygen_status not in (200, 500)


def _again(change: Change) -> str:
    what = "the registration" if change.kind == "register" else "the rotation"
    return f"Run {what} again within a day: the same key gets the same answer"
