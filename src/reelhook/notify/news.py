"""What is said: one piece of news, the same for whoever is told of it and by whichever way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reelhook.kit.text import shorten, storable
from reelhook.notify.kinds import SEVERITY, Severity

MOST_NAME, MOST_BODY = 120, 500
Incident = Literal["opened", "escalated", "resolved"]


@dataclass(frozen=True, slots=True)
class News:
    """*key* names what happened: nobody is told twice of what has the same. *url* is a path in the dashboard."""

    kind: str
    key: str
    severity: Severity
    title: str
    body: str
    url: str
    video_id: str | None = None
    incident_id: str | None = None

    @property
    def critical(self) -> bool:
        return self.severity == "critical"

    def row(self) -> dict[str, Any]:
        """The columns that say it."""
        said = {"title": self.title, "body": self.body, "url": self.url, "video_id": self.video_id}
        return {"key": self.key, "kind": self.kind, "severity": self.severity} | said


def of_video(what: str, video: Mapping[str, Any], n: int) -> News:
    """A video is `ready`, `failed`, `late` or `unarchived`, for the *n*-th time."""
    name = f"“{shorten(video['title'], MOST_NAME)}”" if video["title"] else "A video without a title"
    why = (video["failure"] or {}).get("message")
    says, body = {
        "ready": ("is ready", "It is stored for good, and can be watched."),
        "failed": ("failed", why or "No reason was given."),
        "late": ("takes longer than usual", "Nothing is lost. You hear of it when it is there."),
        "unarchived": ("could not be stored", why or "All attempts are used. Look at the reason, and try it again."),
    }[what]
    return News(
        kind=what,
        key=f"{what}:{video['id']}:{n}",
        severity=SEVERITY[what],
        title=f"{name} {says}",
        body=shorten(body, MOST_BODY),
        url=f"/videos/{video['id']}",
        video_id=video["id"],
    )


def of_incident(what: Incident, incident: Mapping[str, Any]) -> News:
    """*incident*: id, title, severity, rule; if there are: url, says, drill, and n, which counts repeated openings.

    One that is over is no alarm, however bad it was.
    """
    severity: Severity = "critical" if incident["severity"] == "critical" else "attention"
    title = {"opened": "{}", "escalated": "{}: it has become worse", "resolved": "{}: it is over"}[what]
    drill = "Drill: " if incident.get("drill") else ""
    return News(
        kind="incident",
        key=f"incident:{incident['id']}:{what}:{severity}:{incident.get('n', 1)}",
        severity="info" if what == "resolved" else severity,
        title=drill + title.format(shorten(storable(incident["title"]), MOST_NAME)),
        body=shorten(storable(incident.get("says") or incident["rule"]), MOST_BODY),
        url=incident.get("url") or f"/health/incidents/{incident['id']}",
        incident_id=incident["id"],
    )
