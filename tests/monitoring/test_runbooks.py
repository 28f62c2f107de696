"""The runbooks: one for each rule and alert, of one shape, and what they tell to type and to set exists."""

import re
from importlib import import_module
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from reelhook.cli.main import COMMANDS
from reelhook.monitoring.rules import RULES
from reelhook.monitoring.rules.rule import Rule
from reelhook.settings import Settings
from tests.deploy import alerts

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted((DOCS / "runbooks").glob("*.md"))
pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def words(page: Path) -> str:
    """What it says, and what the rule that leads to it says beside."""
    rule = RULES.get(page.stem)
    return page.read_text() + (f" {rule.helps}" if rule else "")


@pages
def test_a_runbook_says_what_it_means_how_to_look_and_what_helps(page: Path) -> None:
    said = page.read_text()
    assert re.match(rf"# .+ \(`{page.stem}`\)\n", said)
    assert re.findall(r"^## (.+)$", said, re.MULTILINE) == ["What it means", "How to look", "What helps"]
    named = {name.lower() for name in re.findall(r"REELHOOK_([A-Z_]+)", words(page))}
    assert named <= {*Settings.model_fields, "store"}


@pages
def test_its_help_names_something_to_type_or_to_press(page: Path) -> None:
    helps = page.read_text().partition("## What helps\n\n")[2]
    assert re.search(r"`[^`]+ [^`]+`|`REELHOOK_|\"", helps), helps


@pages
def test_the_commands_it_names_can_be_typed(page: Path) -> None:
    for line in re.findall(r"`reelhook ([^`]+)`", words(page)):
        name, *following = line.split()
        assert name in COMMANDS, line
        app = typer.Typer()
        app.callback()(lambda: None)
        import_module(f"reelhook.cli.{name.replace('-', '_')}").register(app)
        command = get_command(app).commands[name]  # type: ignore[attr-defined]
        for word in following:
            if word in getattr(command, "commands", {}):
                command = command.commands[word]
        known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
        assert {word for word in following if word.startswith("--")} <= known, line


def test_there_is_one_for_each_rule_and_each_alert_and_no_other() -> None:
    led_to = {path for _, path in alerts.runbooks()} | {rule.runbook for rule in RULES.values()}
    assert {f"docs/runbooks/{page.name}" for page in PAGES} == led_to


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_that_of_a_rule_has_its_title(rule: Rule) -> None:
    assert (DOCS.parent / rule.runbook).read_text().startswith(f"# {rule.title} (`{rule.name}`)\n")


def test_the_page_about_incidents_names_every_rule_in_order() -> None:
    page = (DOCS / "incidents.md").read_text()
    assert re.findall(r"^\| \[`(\w+)`\]\(runbooks/\1\.md\)", page, re.MULTILINE) == list(RULES)
