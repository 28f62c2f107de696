"""How a job stands. *dead* needs a person: a dead letter, or one that was discarded."""

from typing import Literal

State = Literal["available", "running", "retryable", "done", "dead"]
