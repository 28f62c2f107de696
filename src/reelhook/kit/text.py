"""Text from outside, made safe to store."""


def storable(text: str) -> str:
    """*text* without NUL and lone surrogates: Postgres takes neither, and UTF-8 has no form for the latter."""
    if text.isascii() and "\x00" not in text:  # most text is, and two looks cost less than a copy
        return text
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")


def shorten(text: str, most: int) -> str:
    """At most *most* characters, with an ellipsis where something was cut."""
    return text if len(text) <= most else text[: most - 1] + "…"
