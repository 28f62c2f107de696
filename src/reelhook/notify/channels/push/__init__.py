"""Web push: to a person's browsers, also while no page of ours is open (RFC 8030, 8291, 8292).

Offers `Push`, the room wired.
"""

from reelhook.notify.channels.push.room import Push

__all__ = ["Push"]
