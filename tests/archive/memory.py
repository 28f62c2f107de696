"""What a store asks to be remembered."""

from typing import Any

from reelhook.archive.stores.store import Asset

VIDEO_ID = "0193f000-0000-7000-8000-0000000000aa"
ASSET_ID = "0193f000-0000-7000-8000-0000000000bb"


class Memory:
    """What a store asked to be remembered, as the assets' `upload` column would keep it."""

    def __init__(self) -> None:
        self.state: Any = None
        self.states: list[Any] = []

    async def remember(self, state: Any) -> None:
        self.state = state
        self.states.append(state)

    def asset(self, role: str = "video") -> Asset:
        return Asset(ASSET_ID, VIDEO_ID, role, self.state, self.remember)
