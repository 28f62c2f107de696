"""docs/reference/commands.md: every command with its arguments and options, in the words of its own `--help`."""

import io
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stdout, suppress
from unittest.mock import patch

from reelhook.cli.main import COMMANDS, main

HEAD = """# Commands

Results go to stdout and everything else to stderr; with `--json`, stdout is one JSON document and nothing else. The
exit code is 0 when it was done, 1 when it failed, 2 when the command was used wrongly.

With SQLite, a command that changes or reads data speaks to the server when one runs on this machine, by a socket
beside the file, and else takes the file for a moment itself. With Postgres it opens the database itself. Either way
it uses the same API and the same audit log ([why](../decisions/0002-commands-speak-the-api.md)).
"""
INNER = re.compile(r"^Commands:\n((?:  .*\n?)+)", re.M)


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_chapters()])


def _chapters() -> Iterator[str]:
    for name in COMMANDS:
        said = help_of(name)
        yield f"## reelhook {name}\n\n```text\n{said}\n```\n"
        if inner := INNER.search(f"{said}\n"):
            for line in re.findall(r"^  (\S+)", inner[1], re.M):
                yield f"### reelhook {name} {line}\n\n```text\n{help_of(name, line)}\n```\n"


def help_of(*command: str) -> str:
    """What `reelhook COMMAND --help` prints on a terminal of 80 columns."""
    printed = io.StringIO()
    argv = ["reelhook", *command, "--help"]
    with ExitStack() as around:
        around.enter_context(patch.object(sys, "argv", argv))
        # Else the usage begins with how this script was called.
        around.enter_context(patch.object(sys.modules["__main__"], "__package__", ""))
        around.enter_context(patch.dict("os.environ", COLUMNS="80"))
        around.enter_context(redirect_stdout(printed))
        around.enter_context(suppress(SystemExit))
        main()
    return printed.getvalue().strip()
