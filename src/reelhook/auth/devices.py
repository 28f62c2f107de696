"""What a person signed in with, in plain words: enough to tell their phone from a stranger's."""

# The first that fits: most browsers also name those they want to be taken for.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("HeadlessChrome", "Headless Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "a Mac"),
    ("CrOS", "a Chromebook"),
    ("Linux", "Linux"),
)
UNKNOWN = "Unknown device"
LONGEST = 40


def device(user_agent: str | None) -> str:
    """For instance "Firefox on Windows"; the program's own name ("curl") for what is no browser."""
    text = user_agent or ""
    browser = next((name for mark, name in BROWSERS if mark in text), None)
    system = next((name for mark, name in SYSTEMS if mark in text), None)
    if browser is None and system is None:
        return text.partition("/")[0].strip()[:LONGEST] or UNKNOWN
    return f"{browser or 'A browser'} on {system or 'an unknown system'}"
