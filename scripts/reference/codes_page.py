"""docs/reference/codes.md: every error code with its status, whether trying again helps, and what does."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts.reference.code_words import CHAPTERS, Words
from scripts.reference.table import table

import reelhook
from reelhook.errors import ReelhookError
from reelhook.inbox.reasons import REASONS

HOUSE = Path(reelhook.__file__).parent
NOT_OURS = ("simulators", "migrations", "__main__")
# Calls that make an answer or a failure from a plain code: `problem.answer(send, 404, "not_found", …)`.
MAKERS = {"answer", "body", "_refuse", "Failure"}
# Of a video that failed, and of a job whose error has no name.
CONSTANTS = (
    "reelhook.reconcile.endings:GAVE_UP",
    "reelhook.videos.lifecycle:UNKNOWN_CODE",
    "reelhook.jobs.retry:UNEXPECTED",
)
PLAIN_OF_ANSWERS = ("http_error",)  # of the framework, for what it has no name for
NONE = "-"
HEAD = """# Error codes

Every error has a `code` that does not change and is for programs, and words that are for people. They show as

- an answer of the API: `application/problem+json` (RFC 9457) with `status`, `code` and `detail`;
- the last failure of a job, with `retryable` and `remedy` ([how work is tried again](../retries.md));
- a video's `failure.code`, where HeyGen's own codes appear as they are;
- the last line of a command or of a start that ends with 1, in words.

*Again*: whether the same, tried again, can help. Jobs do so by themselves. What to do for symptoms that have no
code: [when something is wrong](../trouble.md).
"""
REFUSED = """## Webhooks that are refused

The `code` of an answer at the front door, and the `reason` of a rejection ([how to find out
why](../front-door.md)).
"""


@dataclass
class Found:
    """What the code itself says of one error code."""

    statuses: set[int] = field(default_factory=set)
    again: set[bool] = field(default_factory=set)


def page() -> str:
    """The whole page."""
    known = catalogue()
    chapters = (f"## {title}\n\n{_table(words, known)}" for title, words in CHAPTERS.items())
    reasons = {code: Words(f"{one.title}.", one.advice) for code, one in REASONS.items()}
    return "\n".join([HEAD, *chapters, REFUSED, _table(reasons, known)])


def _table(words: Mapping[str, Words], known: Mapping[str, Found]) -> str:
    return table(("code", "status", "again", "means", "what helps"), (_row(c, w, known) for c, w in words.items()))


def _row(code: str, words: Words, known: Mapping[str, Found]) -> Sequence[str]:
    found = known.get(code, Found({401}, {False}))  # a signature that is refused has no class of its own
    status = ", ".join(map(str, sorted(found.statuses))) or NONE
    again = {frozenset({True}): "yes", frozenset({False}): "no", frozenset(): NONE}
    return f'<a id="{code}"></a>`{code}`', status, again.get(frozenset(found.again), "depends"), *words


def catalogue() -> dict[str, Found]:
    """Every error code that the source can say, with what is known of it."""
    known: dict[str, Found] = {}
    for error in _errors():
        found = known.setdefault(error.code, Found())
        found.statuses.add(error.status)
        found.again.add(error.retryable)
    for code, status in _said_plainly():
        found = known.setdefault(code, Found())
        found.statuses |= {status} if status else set()
    for name in CONSTANTS:
        module, _, constant = name.partition(":")
        known.setdefault(getattr(importlib.import_module(module), constant), Found())
    for code in PLAIN_OF_ANSWERS:
        known.setdefault(code, Found())
    return known


def _errors() -> Iterator[type[ReelhookError]]:
    for one in pkgutil.walk_packages(reelhook.__path__, "reelhook."):
        if not any(part in one.name.split(".") for part in NOT_OURS):
            importlib.import_module(one.name)
    waiting: list[type[ReelhookError]] = [ReelhookError]
    while waiting:
        error = waiting.pop()
        waiting += error.__subclasses__()
        nameless = error is not ReelhookError and error.code == ReelhookError.code  # it is only there to be inherited
        if error.__module__.startswith("reelhook.") and not nameless:  # a test may have some of its own
            yield error


def _said_plainly() -> Iterator[tuple[str, int | None]]:
    """Codes that are no class's, where an answer or a failure is made from one."""
    for path in HOUSE.rglob("*.py"):
        if any(part in path.parts for part in NOT_OURS):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in MAKERS:
                values = [one.value for one in node.args if isinstance(one, ast.Constant)]
                texts = [value for value in values if isinstance(value, str)]
                numbers = [value for value in values if type(value) is int]
                if texts and texts[0].isidentifier():
                    yield texts[0], numbers[0] if numbers else None
