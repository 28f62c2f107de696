"""The pictures of docs/concepts.md: the lives of a video (as the table of transitions has it), an event and a job."""

from scripts.reference.drawing import Drawing

from reelhook.videos.states import FINAL, WAYS, FailedBy, State

VIDEO = Drawing(
    "The states of a video",
    {
        State.REQUESTED: (0, 0),
        State.RENDERING: (1, 0),
        State.RENDERED: (2, 0),
        State.ARCHIVING: (3, 0),
        State.READY: (4, 0),
        State.FAILED: (1, 1),
        State.UNARCHIVED: (3, 1),
    },
    [(one, other) for one, others in WAYS.items() for other in sorted(others)],
    {(State.FAILED, State.RENDERED): f"only if by {FailedBy.REELHOOK}"},
    frozenset(state for state, by in FINAL if by is None),
)
EVENT = Drawing(
    "The life of an event",
    {
        "delivery": (0, 0),
        "pending": (1, 0),
        "applied": (2, 0),
        "rejection": (0, 1),
        "ignored": (2, 1),
        "repeat": (1, 1),
    },
    [
        ("delivery", "pending"),
        ("delivery", "rejection"),
        ("delivery", "repeat"),
        ("pending", "applied"),
        ("pending", "ignored"),
        ("ignored", "applied"),
    ],
    {("ignored", "applied"): "replay"},
    frozenset({"applied", "rejection", "repeat"}),
)
JOB = Drawing(
    "The states of a job",
    {"available": (0, 0), "running": (1, 0), "done": (2, 0), "retryable": (1, 1), "dead": (2, 1)},
    [
        ("available", "running"),
        ("running", "done"),
        ("running", "retryable"),
        ("retryable", "running"),
        ("running", "dead"),
    ],
    {},
    frozenset({"done", "dead"}),
)
