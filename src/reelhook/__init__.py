"""Reelhook catches HeyGen's webhooks, keeps the videos, and tells everyone who is waiting."""

from importlib.metadata import version

__version__ = version("reelhook")
