"""How long ago something was, as people say it. A page shows ages: "online" would be a promise nobody can keep.

Pure: both times are handed in, in milliseconds since 1970-01-01 UTC.
"""

from page_kit.language import Language

SECOND_MS = 1000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

_STEPS = (  # from this age on, this unit
    (DAY_MS, "天前", "d ago"),
    (HOUR_MS, "小时前", "h ago"),
    (MINUTE_MS, "分钟前", "min ago"),
    (SECOND_MS, "秒前", "s ago"),
)


def age(then_ms: int, now_ms: int, language: Language) -> str:
    """`12 秒前`, `3 min ago`; `刚刚` below a second or ahead of our clock; `从未` when it never was (0)."""
    zh = language == "zh"
    if then_ms <= 0:
        return "从未" if zh else "never"
    for step_ms, zh_word, en_word in _STEPS:
        if now_ms - then_ms >= step_ms:
            return f"{(now_ms - then_ms) // step_ms} {zh_word if zh else en_word}"
    return "刚刚" if zh else "just now"


def stale(then_ms: int, now_ms: int, after_ms: int) -> bool:
    """Whether something was last heard of so long ago that somebody should look."""
    return now_ms - then_ms > after_ms
