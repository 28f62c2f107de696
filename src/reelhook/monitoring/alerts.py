"""The part of the room that notices what is wrong, wired: who evaluates when, and which routes there are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from fastapi import APIRouter

from reelhook.auth import Audit
from reelhook.db import Database
from reelhook.jobs import POLICIES, Destinations, Every, Handler
from reelhook.jobs.kinds import EvaluateRules, Work
from reelhook.kit.clock import Clock
from reelhook.kit.ids import Ids
from reelhook.monitoring.acts import Acts
from reelhook.monitoring.evaluation import Evaluation
from reelhook.monitoring.incident_endpoints import router as incidents_router
from reelhook.monitoring.incidents import Incidents, Listener, nobody
from reelhook.monitoring.rule_endpoints import router as rules_router
from reelhook.monitoring.rule_settings import RuleSettings
from reelhook.monitoring.watch import Watch
from reelhook.settings import Settings

EVERY_S = 30


@dataclass(frozen=True)
class Alerts:
    """What the service needs of it."""

    evaluation: Evaluation
    watch: Watch
    _db: Database
    _audit: Audit
    _acts: Acts
    _settings: RuleSettings

    @classmethod
    def build(
        cls,
        config: Settings,
        db: Database,
        clock: Clock,
        ids: Ids,
        audit: Audit,
        destinations: Destinations,
        listener: Listener = nobody,
    ) -> Self:
        incidents = Incidents(clock, ids, listener)
        asks = config.heygen_api_key is not None
        evaluation = Evaluation(db, clock, incidents, destinations, _folders(config), asks=asks)
        acts, settings = Acts(db, clock, audit, incidents), RuleSettings(db, clock, audit, incidents)
        return cls(evaluation, Watch(db, clock, evaluation), db, audit, acts, settings)

    def handlers(self) -> Mapping[type[Work], Handler[Any]]:
        """How each of its jobs is done."""
        return {EvaluateRules: Handler(self.evaluation, POLICIES[EvaluateRules])}

    def schedule(self) -> Sequence[Every]:
        """When each of them comes round."""
        return (Every(EVERY_S, EvaluateRules()),)

    def routers(self) -> tuple[APIRouter, APIRouter]:
        rules = rules_router(self._db, self._audit, self._settings, self._acts, self.evaluation)
        return incidents_router(self._db, self._acts), rules


def _folders(config: Settings) -> Iterator[Path]:
    """Where we write: the database's folder, and those of local stores."""
    if config.sqlite_path is not None:
        yield config.sqlite_path.parent
    yield from (store.path for store in config.stores if store.path is not None)
