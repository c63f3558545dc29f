"""What people call a browser: `Firefox on Linux` out of what it calls itself. A name to know it by, no proof."""

# The first that stands in it: most of them claim to be others, too.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip
CHARACTERS = 60  # of one that is none of these


def name_of(agent: str | None) -> str:
    browser = first(BROWSERS, agent or "")
    system = first(SYSTEMS, agent or "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or (agent or "Unknown browser")[:CHARACTERS]


def first(known: tuple[tuple[str, str], ...], agent: str) -> str | None:
    return next((name for mark, name in known if mark in agent), None)
