"""For each rule one real cause, in the module named after the rule.

`cause(world)` makes the cause with the rooms' own means, yields how bad the rule should find it, and removes it again.
"""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Callable, Mapping

from reelhook.monitoring.rules.rule import Severity
from tests.monitoring.world import World

Cause = Callable[[World], AsyncIterator[Severity]]

CAUSES: Mapping[str, Cause] = {
    found.name: importlib.import_module(f"{__name__}.{found.name}").cause for found in pkgutil.iter_modules(__path__)
}
