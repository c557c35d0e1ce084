"""Why a controller did not take or keep new firmware, in a visitor's language; what is not known stays as it was told.

Only texts. The sentences themselves are the controller's (`firmware/cabinet/trial.py`, `bundle.py`, `fetching.py`).
"""

import re

from page_kit.language import Say, Texts

TEXTS: Texts = {
    "firmware_not_heard": ("升级后网关没有回应它", "The gateway did not answer it any more"),
    "firmware_not_scanning": ("升级后不再称重", "It weighed its bins no more"),
    "firmware_blind": ("失灵货位 {found} 个，升级前 {before} 个", "Blind bins: {found}, before the update {before}"),
    "firmware_unsigned": ("没有本柜认可的签名", "Not signed by a release key of this cabinet"),
    "firmware_other_board": ("不是给这块控制板（{board}）的", "Not made for its board ({board})"),
    "firmware_interpreter": ("需要先换 MicroPython", "It wants another MicroPython"),
    "firmware_runs_already": ("已经在运行 {running}", "{running} runs already"),
    "firmware_older": ("{found} 不比现在的 {running} 新", "{found} is not newer than {running}, which runs"),
    "firmware_too_far": ("要先升到 {first}，现在是 {running}", "It must run {first} first, and runs {running}"),
    "firmware_too_big": ("固件太大，放不下", "Too big for its memory"),
    "firmware_no_second": ("这块控制板换不了 MicroPython", "Its board cannot replace its MicroPython by this one"),
    "firmware_went_together": (
        "试运行没完就重启了，连同新的 MicroPython 一起退回",
        "It started anew while on trial, and went back together with its new MicroPython",
    ),
    "firmware_damaged": ("传到的固件包不完整或已损坏", "What came over is cut off or damaged"),
}
_SENTENCES = (  # the first that fits; its groups are the figures
    ("not_heard", r"expected its events to be acknowledged"),
    ("not_scanning", r"expected bins to be scanned"),
    ("blind", r"expected at most (?P<before>\d+) blind bins, found (?P<found>\d+)"),
    ("unsigned", r"expected a signature by a release key"),
    ("other_board", r"expected firmware for board (?P<board>[\w.-]+)"),
    ("interpreter", r"expected (?:bytecode of version|(?:at most )?MicroPython)"),
    ("runs_already", r"expected another version than (?P<running>[\w.-]+)"),
    ("older", r"expected a version after (?P<running>[\w.-]+), found (?P<found>[\w.-]+)"),
    ("too_far", r"expected to come from (?P<first>[\w.-]+) or later, found (?P<running>[\w.-]+)"),
    ("too_big", r"expected an image of at most"),
    ("no_second", r"expected (?:two partitions|an interpreter (?:of at most|that)|a bootloader)"),
    ("went_together", r"its interpreter was started anew"),
    ("damaged", r"expected a bundle, found|expected \d+ bytes (?:in all|of)|expected an \w+ with digest"),
)
_KNOWN = tuple((f"firmware_{name}", re.compile(pattern)) for name, pattern in _SENTENCES)


def firmware_reason(say: Say, told: str) -> str:
    """What a controller gave as its reason."""
    for key, pattern in _KNOWN:
        if found := pattern.match(told):
            return say(key, **found.groupdict())
    return told
