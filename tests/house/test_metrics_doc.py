"""docs/metrics.md tells of every metric there is, as the catalogue has it, and of no other."""

import importlib.util
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("metrics_page", ROOT / "scripts" / "metrics_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_metric_has_a_sentence_on_what_to_look_at_and_only_once(script: ModuleType) -> None:
    said = Counter(name for looks in script.CHAPTERS.values() for name in looks)
    assert set(said) == set(script.catalogue())
    assert not [name for name, times in said.items() if times > 1]


def test_every_runbook_that_it_leads_to_is_there(script: ModuleType) -> None:
    named = {look.runbook for looks in script.CHAPTERS.values() for look in looks.values() if look.runbook}
    there = {file.stem for file in (ROOT / "docs" / "runbooks").glob("*.md")}
    assert named
    assert named - there == set()


def test_the_page_is_made_from_the_catalogue(script: ModuleType) -> None:
    shown = (ROOT / "docs" / "metrics.md").read_text()
    assert shown == script.page(shown), "run scripts/metrics_page.py"
    assert all(f"`{name}`" in shown for name in script.catalogue())
