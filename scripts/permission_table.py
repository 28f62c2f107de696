"""Writes the table of all routes in docs/access.md anew: `python scripts/permission_table.py`."""

import asyncio
import re
import tempfile
from pathlib import Path

from reelhook.app import Service
from reelhook.auth.permissions import table
from reelhook.settings import Settings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "access.md"
HEAD = "| route | scope | roles |\n|---|---|---|\n"


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Settings(database_url=f"sqlite:///{folder}/reelhook.db", stores=f"local:{folder}/media"))
        rows = "".join(
            f"| `{one.method} {one.path}` | `{one.scope}` | {', '.join(one.roles)} |\n"
            for one in table(service.doors.api)
        )
        await service.stop()
    between = r"(<!-- permissions -->\n).*(<!-- /permissions -->)"
    PAGE.write_text(re.sub(between, lambda at: at[1] + HEAD + rows + at[2], PAGE.read_text(), flags=re.DOTALL))


if __name__ == "__main__":
    asyncio.run(main())
