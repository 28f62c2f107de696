"""Serves the built web app: the shell for every page address, hashed assets for ever, and a strict CSP.

Offers `Dashboard`, a plain ASGI app for everything that is not the API's.
"""

from reelhook.dashboard.pages import Dashboard

__all__ = ["Dashboard"]
