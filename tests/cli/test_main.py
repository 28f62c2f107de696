"""The command line itself."""

import subprocess
import sys

import pytest

from reelhook.cli.main import COMMANDS
from tests.processes import run_command

ENDS = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "


def modules_after(*words: str) -> set[str]:
    """What a process of its own has loaded when the command has ended."""
    run = f"{ENDS}sys.argv = {['reelhook', *words]}; from reelhook.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, timeout=60, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_what_needs_no_command_loads_none(word: str) -> None:
    loaded = modules_after(word)
    assert "reelhook.cli.main" in loaded
    assert loaded & {"sqlalchemy", "fastapi", "aiohttp", "rich", "reelhook.masking", "reelhook.cli.serve"} == set()


def test_a_server_loads_nothing_that_most_starts_do_without() -> None:
    loaded = modules_after("serve", "--help")
    assert "reelhook.app" in loaded
    seldom = {"alembic", "cloudinary", "urllib3"}
    extras = {"apprise", "opentelemetry.sdk", "psycopg", "redis", "sentry_sdk"}
    assert loaded & (seldom | extras) == set()


@pytest.mark.parametrize("name", ["serve", "rotate-secret", "keys"])
def test_a_command_has_the_help_of_the_table(name: str) -> None:
    told = run_command(name, "--help")
    assert told.stderr == ""
    assert f" reelhook {name} " in told.stdout.splitlines()[0]
    assert " ".join(COMMANDS[name].split()) in " ".join(told.stdout.split())


def test_a_command_there_is_not_is_answered_with_one_there_is() -> None:
    done = run_command("serv")
    assert done.returncode == 2
    assert "No such command 'serv'. Did you mean 'serve'?" in done.stderr
    assert run_command().returncode == 2
