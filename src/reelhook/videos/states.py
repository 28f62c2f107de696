"""The states of a video and the ways between them, as data."""

from enum import StrEnum


class State(StrEnum):
    REQUESTED = "requested"
    RENDERING = "rendering"
    RENDERED = "rendered"
    ARCHIVING = "archiving"
    READY = "ready"
    FAILED = "failed"
    UNARCHIVED = "unarchived"


class FailedBy(StrEnum):
    HEYGEN = "heygen"  # final: HeyGen said so
    REELHOOK = "reelhook"  # we gave up waiting; HeyGen may still deliver


# From where a video may go where. HeyGen's events can overtake each other, so the early states may be jumped over.
WAYS: dict[State, frozenset[State]] = {
    State.REQUESTED: frozenset({State.RENDERING, State.RENDERED, State.FAILED}),
    State.RENDERING: frozenset({State.RENDERED, State.FAILED}),
    State.RENDERED: frozenset({State.ARCHIVING, State.UNARCHIVED}),
    State.ARCHIVING: frozenset({State.READY, State.UNARCHIVED}),
    State.UNARCHIVED: frozenset({State.ARCHIVING}),
    State.FAILED: frozenset({State.RENDERED}),  # only when failed by reelhook
    State.READY: frozenset(),
}

WAITING_FOR_HEYGEN = frozenset({State.REQUESTED, State.RENDERING})
FINAL = frozenset({(State.READY, None), (State.FAILED, FailedBy.HEYGEN)})


def allowed(state: State, failed_by: FailedBy | None, to: State) -> bool:
    """Whether a video in *state* (failed by whom, if it failed) may go *to* another."""
    return (state, failed_by) not in FINAL and to in WAYS[state]
