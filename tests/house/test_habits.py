"""What is written for those who work on Reelhook: every file, command and floor in it exists."""

import re
import sysconfig
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]


def targets() -> set[str]:
    return {name for line in re.findall(r"^([a-z -]+):", MAKEFILE, re.MULTILINE) for name in line.split()}


def test_the_picture_of_the_house_is_the_contract_of_its_imports() -> None:
    layers = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    picture = GUIDE.partition("<!-- the floors")[2].partition("A room has at most")[0]
    drawn = [name for line in re.findall(r"^ {4}(.+)$", picture, re.MULTILINE) for name in line.split()]
    assert drawn == [name for layer in layers for name in re.split(r"[ |]+", layer)]


def test_every_path_that_the_guide_names_exists() -> None:
    named = {
        text for text in re.findall(r"`([\w./-]+)`", GUIDE) if "/" in text or text.endswith((".md", ".py", ".toml"))
    }
    assert len(named) > 20
    rooms = ROOT / "src" / "reelhook"
    for path in named:
        found = [*ROOT.glob(path.replace("NAME", "*")), *rooms.glob(path), *rooms.glob(f"*/{path}")]
        assert found, f"CONTRIBUTING.md names {path}"


@pytest.mark.parametrize(
    ("row", "example"),
    [("a rule of", "telemetry_broken"), ("a channel", "push"), ("a store", "s3"), ("a command", "replay")],
)
def test_what_can_be_added_has_an_example_at_every_place(row: str, example: str) -> None:
    (line,) = (line for line in GUIDE.splitlines() if line.startswith(f"| {row}"))
    assert f"`{example}`" in line
    for path in re.findall(r"`([\w./]*NAME[\w./]*)`", line):
        assert (ROOT / path.replace("NAME", example)).exists(), path


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/library.md", ".github/pull_request_template.md"])
def test_the_make_targets_that_are_named_can_be_made(page: str) -> None:
    assert set(re.findall(r"make ([a-z-]+)", (ROOT / page).read_text())) <= targets()


def test_the_set_up_is_two_commands() -> None:
    block = re.search(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    assert block
    assert [line.split("#")[0].split() for line in block[1].splitlines()] == [["make", "install"], ["make", "hooks"]]


def test_the_changelog_keeps_its_form() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    sections = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]
    titles = [section.splitlines()[0] for section in sections]
    assert titles[0] == "Unreleased"
    versions = [re.fullmatch(r"(\d+)\.(\d+)\.(\d+) - \d{4}-\d{2}-\d{2}", title) for title in titles[1:]]
    assert all(versions), titles
    numbers = [tuple(map(int, found.groups())) for found in versions if found]
    assert numbers == sorted(set(numbers), reverse=True)
    for title, section in zip(titles, sections, strict=True):
        kinds = re.findall(r"^### (.+)$", section, re.MULTILINE)
        assert kinds == [kind for kind in KINDS if kind in kinds], title
        lines = section.splitlines()[1:]
        assert [line for line in lines if not re.match(r"(### |- \S|  \S|$)", line)] == [], title


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_its_number_and_fits_on_a_page(page: Path) -> None:
    said = page.read_text()
    assert said.startswith(f"# {int(page.stem[:4])}. ")
    assert len(said.splitlines()) <= 60


def test_no_two_decisions_have_one_number() -> None:
    numbers = [page.stem[:4] for page in DECISIONS]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("hook", [hook for repo in HOOKS for hook in repo["hooks"]], ids=lambda hook: hook["id"])
def test_a_hook_is_a_program_that_is_installed_here(hook: dict[str, str]) -> None:
    assert [repo["repo"] for repo in HOOKS] == ["local"]
    assert hook["language"] == "system"
    program, *words = hook["entry"].split()
    assert Path(program).parent == Path(".venv/bin")
    assert Path(sysconfig.get_path("scripts"), Path(program).name).exists()
    assert all((ROOT / word).exists() for word in words if "/" in word)


@pytest.mark.parametrize("form", [form for form in FORMS if form.stem != "config"], ids=lambda form: form.stem)
def test_a_form_asks_for_something_and_names_what_exists(form: Path) -> None:
    asked = yaml.safe_load(form.read_text())
    assert {"name", "description", "body"} <= asked.keys()
    ids = [one["id"] for one in asked["body"] if one["type"] != "markdown"]
    assert len(ids) == len(set(ids)) > 0
    for path in re.findall(r"\b(?:docs/)?[\w-]+\.md\b", form.read_text()):
        assert (ROOT / path).exists(), path
