"""`/api/v1/rules`: what is looked at, from which value on it is wrong, and what was read last."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, Field, model_validator

from reelhook.auth import Audit, Principal, requires
from reelhook.auth.shapes import Body
from reelhook.db import Database, Tx
from reelhook.kit.text import storable
from reelhook.monitoring.acts import Acts
from reelhook.monitoring.evaluation import Evaluation
from reelhook.monitoring.rule_settings import RuleSettings, listing

Reader = Depends(requires("monitoring:read"))
Writer = Annotated[Principal, Depends(requires("monitoring:write"))]
Name = Annotated[str, AfterValidator(storable)]


class Changes(Body):
    """What may be changed; what is left out stays. *threshold* null: the rule's own."""

    enabled: bool | None = None
    threshold: Annotated[float, Field(gt=0, strict=False, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _said(self) -> "Changes":
        if "enabled" in self.model_fields_set and self.enabled is None:
            raise ValueError("enabled must not be null; leave it out to keep it")
        return self


def router(db: Database, audit: Audit, settings: RuleSettings, acts: Acts, evaluation: Evaluation) -> APIRouter:
    """The routes, given what does the work."""
    routes = APIRouter(prefix="/api/v1/rules", tags=["operations"])

    @routes.get("", dependencies=[Reader])
    async def list_rules() -> dict[str, Any]:
        """Every rule: what it looks at, its limits, and what it read last."""
        return await db.read(listing)

    @routes.post("/evaluate")
    async def evaluate(by: Writer) -> dict[str, Any]:
        """Look now, with all rules, instead of within half a minute."""
        effect = await evaluation.look()

        def work(tx: Tx) -> dict[str, Any]:
            effect(tx)
            audit.record(tx, by, "rules.evaluate", None)
            return listing(tx.conn)

        return await db.write(work)

    @routes.patch("/{name}")
    async def change(name: Name, changes: Changes, by: Writer) -> dict[str, Any]:
        """Switch a rule on or off, or let it speak from another value on."""
        return await settings.change(by, name, changes.model_dump(exclude_unset=True))

    @routes.post("/{name}/drill", status_code=201)
    async def drill(name: Name, by: Writer) -> dict[str, Any]:
        """Let it go off on a made-up snapshot: a real incident, marked as a drill, which ends after ten minutes."""
        return await acts.drill(by, name)

    return routes
