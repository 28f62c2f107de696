from datetime import UTC

from reelhook.kit.clock import SystemClock


async def test_the_machines_clock_is_aware_and_never_runs_backwards() -> None:
    clock = SystemClock()
    before, then = clock.monotonic(), clock.now()
    await clock.sleep(0.001)
    assert clock.monotonic() > before
    assert clock.now() >= then
    assert then.tzinfo is UTC
