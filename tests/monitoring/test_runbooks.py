"""The runbooks: one for each rule, of one shape, and what they tell to type and to set exists."""

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

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_a_runbook_says_what_it_means_how_to_look_and_what_helps(rule: Rule) -> None:
    page = (DOCS.parent / rule.runbook).read_text()
    assert page.startswith(f"# {rule.title} (`{rule.name}`)\n")
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert headings == ["What it means", "How to look", "What helps"]
    named = {name.lower() for name in re.findall(r"REELHOOK_([A-Z_]+)", f"{page} {rule.helps}")}
    assert named <= {*Settings.model_fields, "store"}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_its_help_names_something_to_type_or_to_press(rule: Rule) -> None:
    helps = (DOCS.parent / rule.runbook).read_text().partition("## What helps\n\n")[2]
    assert re.search(r"`[^`]+ [^`]+`|`REELHOOK_|\"", helps), helps


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_the_commands_it_names_can_be_typed(rule: Rule) -> None:
    for line in re.findall(r"`reelhook ([^`]+)`", f"{(DOCS.parent / rule.runbook).read_text()} {rule.helps}"):
        name, *words = line.split()
        assert name in COMMANDS, line
        app = typer.Typer()
        app.callback()(lambda: None)
        import_module(f"reelhook.cli.{name.replace('-', '_')}").register(app)
        command = get_command(app).commands[name]  # type: ignore[attr-defined]
        for word in words:
            if word in getattr(command, "commands", {}):
                command = command.commands[word]
        known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= known, line


def test_the_page_about_incidents_names_every_rule_in_order() -> None:
    page = (DOCS / "incidents.md").read_text()
    assert re.findall(r"^\| \[`(\w+)`\]\(runbooks/\1\.md\)", page, re.MULTILINE) == list(RULES)
