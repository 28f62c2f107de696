"""To the browser: the stream log, the hub that follows it, and the SSE endpoint that serves it without a gap.

Offers `append` (a stream row in the caller's transaction), `Hub`, and `StreamEndpoint`.
"""

from reelhook.realtime.endpoint import StreamEndpoint
from reelhook.realtime.hub import Hub
from reelhook.realtime.log import append

__all__ = ["Hub", "StreamEndpoint", "append"]
