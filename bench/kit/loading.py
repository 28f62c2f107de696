"""Load on one server, as figures of a round."""

from dataclasses import replace

from bench.kit.rounds import Figures, Unreliable
from reelhook.simulators.load import CLIENT_CORES, Plan, Process, generate


def load(server: Process, plan: Plan, *beside: int) -> Figures:
    """Carry out *plan* at *server*, whose processor time is told with that of the processes *beside* it.

    Raises *Unreliable* when the run must not be believed.
    """
    outcome = generate(replace(plan, port=server.port, server_pids=(server.pid, *beside)), CLIENT_CORES)
    if outcome.wrong:
        raise Unreliable("; ".join(outcome.wrong))
    return outcome.figures()
