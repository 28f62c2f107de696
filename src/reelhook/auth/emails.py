"""E-mail addresses as names of accounts."""

import re

from reelhook.errors import WrongInput

LONGEST = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets
# Sensible, not complete: what is wrong in a plausible address only a message sent there can tell.
SHAPE = re.compile(r"[^@\s\"(),:;<>\[\\\]]{1,64}@\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)*")


def normal(text: str) -> str:
    """The one form under which an account is stored and looked up."""
    return text.strip().lower()


def checked(text: str) -> str:
    """The normal form. Raises *WrongInput* for what cannot be an address."""
    email = normal(text)
    if len(email) > LONGEST or not email.isprintable() or not SHAPE.fullmatch(email):
        raise WrongInput("that is not an e-mail address")
    return email
