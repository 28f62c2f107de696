"""Durable work: a job is a row, committed with whatever caused it; a lane only says "look".

Offers the vocabulary (`kinds`), the `Queue` (the table), the `Worker` that runs handlers, and `Every` for
periodic work.
"""

from reelhook.jobs.handler import Effect, Handler, Postpone
from reelhook.jobs.queue import Job, Queue
from reelhook.jobs.retry import Failure, RetryPolicy
from reelhook.jobs.schedule import Every
from reelhook.jobs.worker import Worker

__all__ = ["Effect", "Every", "Failure", "Handler", "Job", "Postpone", "Queue", "RetryPolicy", "Worker"]
