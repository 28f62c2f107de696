"""A server that runs in a thread with a loop of its own, for tests without one."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, TypeVar

Server = TypeVar("Server")

LIMIT_S = 10


@contextmanager
def beside(opened: AbstractAsyncContextManager[Server]) -> Iterator[Server]:
    """What *opened* gives, for as long as this block lasts."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(step: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(step, loop).result(LIMIT_S)

    yield run(opened.__aenter__())
    run(opened.__aexit__(None, None, None))
    loop.call_soon_threadsafe(loop.stop)
    thread.join(LIMIT_S)
    loop.close()
