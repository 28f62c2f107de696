"""What `doctor` says of the allowlist, and when it warns."""

from typing import Any

import pytest

from reelhook.cli.sender_findings import finding


def sender(network: str, covered: str | None = "yes", hour: int = 0, *, own: bool = False) -> dict[str, Any]:
    at = f"2026-11-22T{hour:02}:00:00.000Z" if hour else None
    return {"network": network, "covered": covered, "outside": hour, "last_outside_at": at, "own": own}


OUTSIDE = [sender("52.1.1.0/24", "no", 3), sender("52.1.2.0/24", "partly", 4), sender("52.1.3.0/24")]


@pytest.mark.parametrize(
    ("mode", "advice", "senders", "found", "warning"),
    [
        ("off", "observe", OUTSIDE, "is not set: every address may post, and the signature decides", False),
        ("observe", "observe_on", OUTSIDE, "2 networks, observed", False),
        ("observe", "enforce", [], "REELHOOK_INGEST_ALLOW_MODE=enforce would have refused nothing", True),
        ("enforce", "nothing", [], "2 networks, enforced", False),
        (
            "enforce",
            "add",
            OUTSIDE,
            "it keeps out deliveries that are HeyGen's: 52.1.2.0/24, last at 2026-11-22T04:00:00.000Z; "
            "52.1.1.0/24, last at 2026-11-22T03:00:00.000Z. Add them, or observe first",
            True,
        ),
        ("enforce", "add", [sender("52.1.1.0/24", "no", 1 + n) for n in range(5)], "; and 2 more.", True),
        ("off", "trust_proxy", [sender("10.0.0.0/24", None, own=True)], "your own network (10.0.0.0/24)", True),
    ],
)
def test_how_the_allowlist_stands(
    mode: str, advice: str, senders: list[dict[str, Any]], found: str, warning: bool
) -> None:
    allow = [] if mode == "off" else ["3.5.0.0/16", "3.7.0.0/16"]
    told = finding({"mode": mode, "advice": advice, "allow": allow, "data": senders})
    assert found in str(told["found"])
    assert (told["ok"], told["warning"]) == (True, warning)
