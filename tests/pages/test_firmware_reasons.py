"""Why a controller did not keep new firmware is told in both languages; what is not known stays as it is."""

import re
from typing import get_args

import pytest
from cabinet import bundle

from hardware import firmware_build
from page_kit.firmware_reasons import TEXTS, firmware_reason
from page_kit.language import Language, Say

BLIND = "expected at most 0 blind bins, found 12"


def test_figures_are_kept_in_both_languages() -> None:
    told = {language: firmware_reason(Say(language, TEXTS), BLIND) for language in get_args(Language)}
    assert told == {"zh": "失灵货位 12 个，升级前 0 个", "en": "Blind bins: 12, before the update 0"}


def test_what_the_controller_itself_says_is_known() -> None:
    with pytest.raises(bundle.BundleError) as refused:
        bundle.head_bytes(b"no bundle at all")
    assert firmware_reason(Say("zh", TEXTS), str(refused.value)) == "传到的固件包不完整或已损坏"


def test_an_interpreter_that_went_back_is_told_of() -> None:
    starter = (firmware_build.FIRMWARE / "boot" / "starter.py").read_text()
    told = re.search(r'"(its interpreter .+)"', starter)
    assert told is not None
    assert firmware_reason(Say("zh", TEXTS), told[1]) == "试运行没完就重启了，连同新的 MicroPython 一起退回"


def test_what_is_not_known_stays_as_it_was_told() -> None:
    assert firmware_reason(Say("zh", TEXTS), "expected tomorrow, found today") == "expected tomorrow, found today"
