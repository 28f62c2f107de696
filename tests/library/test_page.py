"""docs/library.md: its code runs, and every name that it explains is there, and no other."""

import dataclasses
import re
from pathlib import Path
from typing import Any

from reelhook import HeyGenEvent, VideoSignal
from reelhook.events import EVENT_TYPES, sign

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "library.md").read_text()


def explained(heading: str) -> set[str]:
    """The names in the first column of the first table behind *heading*."""
    table = PAGE.partition(heading)[2].partition("| field | |")[2].partition("\n\n")[0]
    cells = [line.split(" | ")[0] for line in table.splitlines()[2:]]
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_its_code_runs(capsys: Any) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    kept: dict[str, tuple[str, bytes]] = {}
    names: dict[str, Any] = {"keep_once": lambda key, *row: kept.setdefault(key, row)}
    exec(code, names)
    body = b'{"event_type": "avatar_video.success", "event_data": {"video_id": "v1"}}'
    assert names["receive"](body, {"Signature": sign(body, "whsec_b")}, ["whsec_a"]) == 401
    assert "does not match the secret" in capsys.readouterr().out
    assert kept == {}
    assert names["receive"](body, {"Signature": sign(body, "whsec_b")}, ["whsec_a", "whsec_b"]) == 200
    assert list(kept.values()) == [("avatar_video.success", body)]


def test_every_field_is_explained() -> None:
    assert explained("## parse_event") == {field.name for field in dataclasses.fields(HeyGenEvent)}
    assert explained("Each of `videos`") == {field.name for field in dataclasses.fields(VideoSignal)}


def test_every_kind_of_video_is_named() -> None:
    (line,) = (line for line in PAGE.splitlines() if line.startswith("| `kind` |"))
    kinds = {one.family.kind for one in EVENT_TYPES.values() if one.outcome}
    assert set(re.findall(r"`(\w+)`", line)) - {"kind"} == kinds
