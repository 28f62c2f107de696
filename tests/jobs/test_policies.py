"""The table in the documents says what the code does."""

import re
from pathlib import Path

from reelhook.jobs import POLICIES, RetryPolicy
from reelhook.jobs.kinds import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "retries.md"


def shown(wait_s: float) -> str:
    """As a person writes it."""
    unit_s, unit = next((size, name) for size, name in ((3600, "h"), (60, "min"), (1, "s")) if wait_s >= size)
    return f"{wait_s / unit_s:g} {unit}"


def row(kind: str, policy: RetryPolicy) -> str:
    days = policy.past_deadline.days
    attempts = (
        str(policy.attempts) if policy.attempts else f"until {'a day' if days == 1 else days} after the link's end"
    )
    base, cap = f"{policy.base_s:g} s", f"{policy.cap_s:g} s"
    if policy.waits_s:
        base, cap = ", ".join(map(shown, policy.waits_s)), "as named"
    sooner = ", ".join(f"`{code}` after {most}" for code, most in sorted(policy.at_most.items()))
    cells = (f"`{kind}`", attempts, base, cap, sooner)
    return re.sub(r" +", " ", f"| {' | '.join(cells)} |")


def test_every_kind_of_work_has_a_policy() -> None:
    assert set(POLICIES) == set(KINDS.values())


def test_the_documents_show_every_policy_as_it_is() -> None:
    table = [line for line in PAGE.read_text().splitlines() if re.match(r"\| `[a-z_]+` \|", line)]
    assert table == sorted(row(work.kind, policy) for work, policy in POLICIES.items())
