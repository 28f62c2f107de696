"""How far a download is, told to browsers now and then."""

from collections.abc import Callable

from reelhook.kit.clock import Clock

Tell = Callable[[str, str | None, int, int | None], None]
INTERVAL_S = 0.5


def untold(video_id: str, subject: str | None, done: int, total: int | None) -> None:
    """Browsers are told of the video itself, and of nothing beside it."""


class Progress:
    """A watcher for one attempt: passes on at most two reports a second, and always the last one.

    It keeps the newest: *done* bytes of *total*, which is None while nobody has said how long the file is.
    """

    def __init__(self, tell: Tell, clock: Clock, video_id: str, subject: str | None) -> None:
        self._tell, self._clock, self._video_id, self._subject = tell, clock, video_id, subject
        self._next = clock.monotonic()
        self.done = 0
        self.total: int | None = None

    def __call__(self, done: int, total: int | None) -> None:
        self.done, self.total = done, total
        now = self._clock.monotonic()
        if now >= self._next or done == total:
            self._next = now + INTERVAL_S
            self._tell(self._video_id, self._subject, done, total)
