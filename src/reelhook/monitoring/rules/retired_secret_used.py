"""HeyGen still signs with a secret that was replaced."""

from collections.abc import Sequence

from reelhook.monitoring.rules.rule import Level, Link, Reading, Rule, Severity
from reelhook.monitoring.snapshot import Snapshot, UsedSecret

TAKEN, REFUSED = 1, 2


def measure(now: Snapshot) -> Sequence[Reading]:
    return tuple(_reading(secret) for secret in now.used_secrets)


def _reading(secret: UsedSecret) -> Reading:
    if secret.refused:
        return Reading(REFUSED, "Deliveries signed with a retired secret are refused", secret.fingerprint)
    return Reading(TAKEN, "Deliveries are still signed with a secret that was replaced", secret.fingerprint)


RULE = Rule(
    name="retired_secret_used",
    title="A replaced secret is still used",
    means="In the last hour somebody signed with a webhook secret that was replaced. While both are taken it is "
    "only late; once the old one is retired, its deliveries are refused.",
    helps="Give the sender the secret that is in force, or take the old one back into "
    "REELHOOK_HEYGEN_WEBHOOK_SECRETS if it was removed by mistake.",
    link=Link("Refused for it", "/front-door/rejections?reason=retired_secret"),
    unit="state",
    levels=(Level(TAKEN, Severity.WARNING), Level(REFUSED, Severity.CRITICAL)),
    closes=TAKEN,
    measure=measure,
    drill=Snapshot(used_secrets=(UsedSecret("0123456789ab", refused=True),)),
)
