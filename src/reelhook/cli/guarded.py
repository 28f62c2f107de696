"""How uvicorn is set up wherever it serves something of ours."""

from typing import Any

import uvicorn

from reelhook.kit.protocol import GuardedProtocol


def guarded(app: Any, grace_s: int, most_connections: int, **more: Any) -> uvicorn.Config:
    """Serve the ASGI app *app* behind our limits, and log nothing: its lines are our own.

    *grace_s*: how long what is open when the end begins may take. *more* are uvicorn's own settings.
    """
    return uvicorn.Config(
        app,
        http=GuardedProtocol,
        interface="asgi3",
        lifespan="off",
        ws="none",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=grace_s,
        limit_concurrency=most_connections,
        **more,
    )
