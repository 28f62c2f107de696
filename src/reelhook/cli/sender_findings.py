"""What `doctor` has to say of the allowlist, from what the API tells of the senders."""

from collections.abc import Mapping, Sequence
from typing import Any

NAME = "allowlist"
MOST_NAMED = 3

Sender = Mapping[str, Any]


def finding(told: Mapping[str, Any]) -> dict[str, object]:
    """One line: how things stand, and what to do next when there is something."""
    remedy = _remedy(told)
    found = "; ".join(filter(None, [_stands(told), remedy]))
    return {"name": NAME, "ok": True, "warning": remedy is not None, "found": found}


def _stands(told: Mapping[str, Any]) -> str:
    if told["mode"] == "off":
        return "REELHOOK_INGEST_ALLOW is not set: every address may post, and the signature decides"
    number = len(told["allow"])
    return f"{'1 network' if number == 1 else f'{number} networks'}, {told['mode']}d"


def _remedy(told: Mapping[str, Any]) -> str | None:
    match told["advice"]:
        case "add":
            outside = [one for one in told["data"] if one["covered"] != "yes" and one["outside"]]
            return f"it keeps out deliveries that are HeyGen's: {_named(outside)}. Add them, or observe first"
        case "trust_proxy":
            own = [one for one in told["data"] if one["own"]]
            return (
                f"deliveries seem to come from your own network ({own[0]['network']}): name your proxy in "
                "REELHOOK_TRUSTED_PROXIES, or every sender looks like it"
            )
        case "enforce":
            return "nothing came from outside for a week: REELHOOK_INGEST_ALLOW_MODE=enforce would have refused nothing"
        case _:
            return None


def _named(senders: Sequence[Sender]) -> str:
    latest = sorted(senders, key=lambda one: str(one["last_outside_at"]), reverse=True)
    shown = [f"{one['network']}, last at {one['last_outside_at']}" for one in latest[:MOST_NAMED]]
    more = len(latest) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")
