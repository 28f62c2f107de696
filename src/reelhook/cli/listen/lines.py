"""One line for each thing that came."""

import json
from typing import Any

from reelhook.cli.listen.forward import Answer
from reelhook.kit.times import moment

Json = dict[str, Any]


def line(entry: Json, answer: Answer | None) -> str:
    """For a person: when, what, what came of it, and what the program said to which it was passed on."""
    parts = _of_rejection(entry) if "reason" in entry else _of_event(entry)
    return "  ".join(part for part in (*parts, _said(answer)) if part)


def as_json(entry: Json, answer: Answer | None) -> str:
    """For a program: one document, without line breaks."""
    kind = "rejection" if "reason" in entry else "event"
    forwarded = {} if answer is None else {"forwarded": answer.shown()}
    return json.dumps({"kind": kind, **entry, **forwarded}, ensure_ascii=False)


def _of_event(event: Json) -> tuple[str, ...]:
    about = event["video_id"] or event["resource_id"] or ""
    return (_time(event["received_at"]), event["type"], event["verdict"] or event["state"], about, event["source"])


def _of_rejection(rejection: Json) -> tuple[str, ...]:
    refused = f"refused: {rejection['reason']} ({rejection['status']})"
    return (_time(rejection["at"]), refused, rejection["detail"], rejection["remote"] or "")


def _said(answer: Answer | None) -> str:
    if answer is None:
        return ""
    return f"-> {answer.status if answer.error is None else answer.error} in {answer.ms} ms"


def _time(at: str) -> str:
    return f"{moment(at).astimezone():%H:%M:%S}"
