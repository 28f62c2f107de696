"""`reelhook demo`: the whole way of a video, with simulated HeyGen and Cloudinary beside a real Reelhook.

`scenario` says what is asked for and how it must end, `stage` starts the processes, `audience` is an SSE client that
watches, `play` runs the scenario, and `verdict` compares what was seen with what is true.
"""

from reelhook.cli.demo.command import register

__all__ = ["register"]
