"""Looking into what was refused, without keeping those waiting whose signature is right."""

import asyncio
from collections.abc import Mapping

from reelhook.events import Diagnosis, diagnose
from reelhook.ingest.secrets import Known

AT_ONCE_BYTES = 4 * 1024  # as long as an event usually is; this takes less than a millisecond
MOST_UNDER_WAY = 4
NOT_EXAMINED = Diagnosis(
    "not_examined", "No secret made this signature. Too many large requests came at once to say what is wrong with it."
)


class Examiner:
    """Long bodies are looked into in threads, a few at a time; what comes while those are busy is not looked into."""

    def __init__(self) -> None:
        self._under_way = 0

    async def examine(self, body: bytes, headers: Mapping[str, str], known: Known, query: str = "") -> Diagnosis:
        """Why no live secret matches."""
        if len(body) <= AT_ONCE_BYTES:
            return diagnose(body, headers, known.live, known.retired, query)
        if self._under_way >= MOST_UNDER_WAY:
            return NOT_EXAMINED
        self._under_way += 1
        try:
            return await asyncio.to_thread(diagnose, body, headers, known.live, known.retired, query)
        finally:
            self._under_way -= 1
