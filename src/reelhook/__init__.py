"""Reelhook catches HeyGen's webhooks, keeps the videos, and tells everyone who is waiting."""

# It stands here and not in the package's metadata, which take longer to read than the help to print.
__version__ = "0.1.0"
