"""What a power cut left out of a session, for people. Only texts; the controller says it in words of its own."""

from page_kit.language import Say, Texts

MISSING = {"doors not watched": "not_watched", "weights before": "weights_lost"}  # how our controller ends its words

TEXTS: Texts = {
    "not_watched": (
        "这条记录中间断过电：断电时没人看着门，请核对数量。",
        "The power failed in the middle: nobody watched the door meanwhile. Please check the counts.",
    ),
    "missing": (
        "这条记录中间断过电，可能缺少：{missing}",
        "The power failed in the middle. What may be missing: {missing}",
    ),
    "missing_unknown": ("不详", "not known"),
    "weights_lost": (
        "这条记录中间断过电：开门前的重量丢了，数量要靠人数。",
        "The power failed in the middle: the weights before it are lost. Please count the bins.",
    ),
}


def missing_text(say: Say, missing: str) -> str:
    """What a power cut left out, for people; words of another controller stand as they came."""
    for words, key in MISSING.items():
        if missing.endswith(words):
            return say(key)
    return say("missing", missing=missing or say("missing_unknown"))
