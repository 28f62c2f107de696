"""The disk fills, and is freed again."""

import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest

from reelhook.monitoring import evaluation
from reelhook.monitoring.rules.rule import Severity
from tests.monitoring.world import World


async def cause(world: World) -> AsyncIterator[Severity]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation.shutil, "disk_usage", _nearly_full)
        yield Severity.CRITICAL


def _nearly_full(_: Any) -> Any:
    return shutil._ntuple_diskusage(100, 96, 4)  # type: ignore[attr-defined]
