"""How long one delivery takes when nothing else happens: `python -m bench.idle`.

One connection sends a signed delivery each 20 ms, of a video that failed: the worker
has nothing to fetch. Compared with what this disk takes to make 4 KiB safe, probed at the
same pace in the same round: no acknowledgement of a commit can be quicker.
"""

from pathlib import Path

from bench.kit import Reach, Report, fsync_us, given, take_turns
from bench.kit.loading import load
from bench.kit.rounds import Figures
from bench.kit.servers import folder, reelhook
from reelhook.simulators.load import Plan

FSYNC, OURS, WORKER = "one fdatasync", "one delivery", "one delivery, with worker"
PAUSE_S = 0.02


def main() -> None:
    settings = given(__doc__)
    plan = Plan(port=0, seconds=settings.seconds, event_type="avatar_video.fail", connections=1, pause_s=PAUSE_S)
    ways = {
        FSYNC: lambda: _fsync(settings.seconds),
        OURS: lambda: _ours(plan, "--no-worker"),
        WORKER: lambda: _ours(plan),
    }
    rounds = take_turns(ways, settings.rounds)
    reaches = [Reach(OURS, "p50_ms", FSYNC, at_most=10), Reach(WORKER, "p50_ms", FSYNC, at_most=10)]
    Report("idle", "One delivery on an idle service", rounds, reaches, "p50_ms", "ms").write(settings)


def _fsync(seconds: float) -> Figures:
    with folder() as at:
        return {"p50_ms": fsync_us(Path(at), int(seconds / PAUSE_S), PAUSE_S) / 1000}


def _ours(plan: Plan, *words: str) -> Figures:
    with folder() as at, reelhook(Path(at), *words) as server:
        return load(server, plan)


if __name__ == "__main__":
    main()
