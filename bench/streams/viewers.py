"""People who wait for their own videos: a stream token for each subject, and some streams with each token."""

from dataclasses import dataclass

from bench.streams.service import Service

SUBJECTS = 100
MOST_STREAMS = 100_000  # of one person: a subject has many here


@dataclass(frozen=True)
class Viewers:
    """Our ids of the *videos*, one of each subject, and the subjects' *tokens*."""

    service: Service
    videos: list[str]
    tokens: list[str]

    @classmethod
    def of(cls, service: Service) -> "Viewers":
        subjects = [f"customer-{number}" for number in range(SUBJECTS)]
        videos = [service.video(f"of-{subject}", subject) for subject in subjects]
        return cls(service, videos, [service.token(subject) for subject in subjects])

    def asks(self, streams: int, last_id: int | None = None) -> list[bytes]:
        """What opens *streams* streams, of all subjects in turns, behind the update *last_id* if there is one."""
        fields = [] if last_id is None else [f"last-event-id: {last_id}"]
        each = [self.service.ask(token, *fields) for token in self.tokens]
        return [each[number % SUBJECTS] for number in range(streams)]
