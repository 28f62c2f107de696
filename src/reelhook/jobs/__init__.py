"""Durable work: a job is a row, committed with whatever caused it; a lane only tells where to look.

Offers the vocabulary (`kinds`), the `Queue` (the table), the `Worker` that runs handlers, `Every` for periodic work,
the `POLICIES` of retrying, the `Spare` hand for when there is no worker, and `Destinations`: what work waits for while
it is down.
"""

from reelhook.jobs.destinations import Destinations
from reelhook.jobs.handler import Effect, Handler, Postpone
from reelhook.jobs.policies import POLICIES
from reelhook.jobs.queue import Job, Queue
from reelhook.jobs.retry import Failure, RetryPolicy
from reelhook.jobs.schedule import Every
from reelhook.jobs.spare import Spare
from reelhook.jobs.worker import Worker

__all__ = [
    "POLICIES",
    "Destinations",
    "Effect",
    "Every",
    "Failure",
    "Handler",
    "Job",
    "Postpone",
    "Queue",
    "RetryPolicy",
    "Spare",
    "Worker",
]
