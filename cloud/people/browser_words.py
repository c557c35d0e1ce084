"""What a browser is, in two words, from what it calls itself. Pure; good enough to know one's own."""

_BROWSERS = (  # the first that is found: most call themselves Chrome or Safari, too
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Lark", "飞书"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("OPR", "Opera"),
    ("HeadlessChrome", "Chrome"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
CHARACTERS_MAX = 40


def browser_name(user_agent: str) -> str:
    """`Chrome · Android`; the beginning of what it says when it is none of these."""
    found = [_first(table, user_agent) for table in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in found if name) or user_agent[:CHARACTERS_MAX]


def _first(table: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in table if mark in user_agent), "")
