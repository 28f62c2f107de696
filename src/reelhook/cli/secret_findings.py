"""What `doctor` has to say of the webhook secrets and of what is sealed, from what the API tells of them."""

from collections.abc import Mapping
from typing import Any

TOGETHER = "webhook secrets"

Secret = Mapping[str, Any]


def findings(told: Mapping[str, Any]) -> list[dict[str, object]]:
    """All together, then each: a warning is something to do that does not keep anything from working."""
    number = sum(one["state"] == "live" for one in told["data"])
    trouble = [_unfinished(change) for change in told["unfinished"]]
    if not number:
        trouble.append(
            "none: every webhook is answered 503; run `reelhook register`, or set REELHOOK_HEYGEN_WEBHOOK_SECRETS"
        )
    together = {"name": TOGETHER, "ok": not trouble, "found": "; ".join(trouble) or f"{number} alive"}
    return [together, *map(_each, told["data"])]


def seals(told: Mapping[str, Any]) -> dict[str, object]:
    """By which keys everything that is sealed is sealed. What is to be done keeps nothing from working yet."""
    newest, *earlier = told["keys"]
    older = sum(key["sealed"] for key in earlier)
    said = [f"{newest['sealed']} with the newest key, {newest['fingerprint']}"]
    if older:
        said.append(f"{older} with an older key: run `reelhook reseal`, and then the older keys can go")
    elif earlier:
        said.append("nothing with the older ones: they can go from REELHOOK_SECRET_KEY (docs/secrets.md says when)")
    if told["unreadable"]:
        said.append(f"{told['unreadable']} with a key that is gone: put it back into REELHOOK_SECRET_KEY, at the end")
    warning = bool(older or told["unreadable"])
    return {"name": "sealed secrets", "ok": True, "warning": warning, "found": "; ".join(said)}


def _each(secret: Secret) -> dict[str, object]:
    source = "from the settings" if secret["source"] == "settings" else f"of endpoint {secret['endpoint_id']}"
    remedy = _remedy(secret)
    found = "; ".join(filter(None, [f"{source}, {_life(secret)}{_uses(secret)}", remedy]))
    return {"name": f"secret {secret['fingerprint']}", "ok": True, "warning": remedy is not None, "found": found}


def _unfinished(change: Mapping[str, Any]) -> str:
    command = (
        f"rotate-secret {change['target']}" if change["kind"] == "rotate" else f"register --url {change['target']}"
    )
    return f"begun at {change['begun_at']} and not finished: run `reelhook {command}` again"


def _remedy(secret: Secret) -> str | None:
    if secret["state"] == "unreadable":
        return "put the earlier key back into REELHOOK_SECRET_KEY, or rotate this secret"
    if secret["retires_at"] is not None and secret["in_settings"]:
        return "it was replaced: remove it from REELHOOK_HEYGEN_WEBHOOK_SECRETS"
    if secret["state"] == "replaced" and secret["uses"]:
        return "still used after it was replaced: fine for what HeyGen tries again, not for a sender that holds it"
    if secret["state"] == "retired" and (secret["last_used_at"] or "") >= secret["retires_at"]:
        return "still used after its end, and refused: find the sender that holds it"
    return None


def _life(secret: Secret) -> str:
    match secret["state"]:
        case "replaced":
            return f"replaced, taken until {secret['retires_at']}"
        case "retired":
            return f"retired at {secret['retires_at']}"
        case "unreadable":
            return "sealed with a key that is gone"
        case _:
            return "live"


def _uses(secret: Secret) -> str:
    if secret["retires_at"] is None:
        return ""
    last = f", last at {secret['last_used_at']}" if secret["last_used_at"] else ""
    return f", used {secret['uses']} times since it was replaced{last}"
