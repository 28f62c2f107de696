"""How long to wait before trying again."""


def full_jitter(attempt: int, fraction: float, *, base_s: float, cap_s: float) -> float:
    """Seconds to wait after the *attempt*-th failure (1 is the first).

    "Full jitter": a random part of an exponential ceiling, so that many clients that failed together do not come back
    together. *fraction* is a random number in [0, 1); the wait is never below a tenth of the ceiling, lest a run of
    small numbers use up all attempts at once.
    """
    ceiling: float = min(cap_s, base_s * 2 ** min(attempt - 1, 32))
    return ceiling * max(0.1, fraction)
