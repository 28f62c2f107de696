"""What `doctor` says of each secret, and when it warns."""

from typing import Any

import pytest

from reelhook.cli.secret_findings import findings, seals

NOON, ONE, TWO = "2026-11-22T12:00:00.000Z", "2026-11-22T13:00:00.000Z", "2026-11-22T14:00:00.000Z"


def secret(**changed: Any) -> dict[str, Any]:
    usual = {"fingerprint": "3f9a1c2b7d10", "source": "heygen", "endpoint_id": "e1", "state": "live"}
    usual |= {"in_settings": False, "created_at": NOON, "retires_at": None, "uses": 0, "last_used_at": None}  # type: ignore[dict-item]
    return usual | changed


def told(*secrets: dict[str, Any], unfinished: tuple[dict[str, str], ...] = ()) -> list[dict[str, object]]:
    return findings({"data": secrets, "unfinished": unfinished})


SINCE = "since it was replaced"
USED = {"uses": 3, "last_used_at": ONE}


@pytest.mark.parametrize(
    ("changed", "found", "remedy"),
    [
        ({}, "of endpoint e1, live", ""),
        ({"source": "settings", "endpoint_id": None, "in_settings": True}, "from the settings, live", ""),
        (
            {"state": "replaced", "retires_at": TWO},
            f"of endpoint e1, replaced, taken until {TWO}, used 0 times {SINCE}",
            "",
        ),
        (
            {"state": "replaced", "retires_at": TWO, **USED},
            f"of endpoint e1, replaced, taken until {TWO}, used 3 times {SINCE}, last at {ONE}",
            "; still used after it was replaced: fine for what HeyGen tries again, not for a sender that holds it",
        ),
        (
            {"state": "replaced", "retires_at": TWO, "source": "settings", "in_settings": True},
            f"from the settings, replaced, taken until {TWO}, used 0 times {SINCE}",
            "; it was replaced: remove it from REELHOOK_HEYGEN_WEBHOOK_SECRETS",
        ),
        (
            {"state": "retired", "retires_at": TWO, **USED},
            f"of endpoint e1, retired at {TWO}, used 3 times {SINCE}, last at {ONE}",
            "",
        ),
        ({"state": "retired", "retires_at": TWO}, f"of endpoint e1, retired at {TWO}, used 0 times {SINCE}", ""),
        (
            {"state": "retired", "retires_at": NOON, **USED},
            f"of endpoint e1, retired at {NOON}, used 3 times {SINCE}, last at {ONE}",
            "; still used after its end, and refused: find the sender that holds it",
        ),
        (
            {"state": "unreadable"},
            "of endpoint e1, sealed with a key that is gone",
            "; put the earlier key back into REELHOOK_SECRET_KEY, or rotate this secret",
        ),
    ],
)
def test_each_secret_has_its_line(changed: dict[str, Any], found: str, remedy: str) -> None:
    _, one = told(secret(**changed))
    assert one == {"name": "secret 3f9a1c2b7d10", "ok": True, "warning": bool(remedy), "found": found + remedy}


def test_all_together_are_well_when_one_lives() -> None:
    together, *_ = told(secret(), secret(), secret(state="retired", retires_at=NOON))
    assert together == {"name": "webhook secrets", "ok": True, "found": "2 alive"}


def test_without_any_that_lives_webhooks_wait() -> None:
    together, *_ = told(secret(state="retired", retires_at=NOON))
    assert (together["ok"], "run `reelhook register`" in str(together["found"])) == (False, True)


def test_what_was_begun_must_be_finished() -> None:
    rotation = {"kind": "rotate", "target": "e1", "begun_at": NOON}
    registration = {"kind": "register", "target": "https://h/x", "begun_at": ONE}
    together, _ = told(secret(), unfinished=(rotation, registration))
    assert together["ok"] is False
    assert together["found"] == (
        f"begun at {NOON} and not finished: run `reelhook rotate-secret e1` again; "
        f"begun at {ONE} and not finished: run `reelhook register --url https://h/x` again"
    )


@pytest.mark.parametrize(
    ("sealed", "unreadable", "warns", "found"),
    [
        ([3], 0, False, "3 with the newest key, k0"),
        ([3, 0], 0, False, "nothing with the older ones: they can go"),
        ([1, 2], 0, True, "2 with an older key: run `reelhook reseal`"),
        ([1], 2, True, "2 with a key that is gone: put it back into REELHOOK_SECRET_KEY"),
    ],
)
def test_it_says_by_which_keys_secrets_are_sealed(sealed: list[int], unreadable: int, warns: bool, found: str) -> None:
    keys = [{"fingerprint": f"k{age}", "sealed": number} for age, number in enumerate(sealed)]
    one = seals({"keys": keys, "unreadable": unreadable})
    assert (one["name"], one["ok"], one["warning"]) == ("sealed secrets", True, warns)
    assert found in str(one["found"])
