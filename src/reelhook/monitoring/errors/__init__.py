"""What goes wrong, grouped by what and where: unexpected errors, and attempts at jobs that failed.

Offers `Errors`, wired.
"""

from reelhook.monitoring.errors.room import Errors

__all__ = ["Errors"]
