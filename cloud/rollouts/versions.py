"""Versions of firmware in their order: `1.2.3` after `1.2.3-rc.1` and before `1.2.10`. Pure.

The same order as `firmware/cabinet/bundle.py`, which decides on the controller.
"""

import re
from typing import Final

VERSION_CHARACTERS_MAX: Final = 32
_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){1,3}(-[0-9A-Za-z.-]+)?")


def is_version(text: str) -> bool:
    """Whether a text is a version such as 0.2.0."""
    return len(text) <= VERSION_CHARACTERS_MAX and bool(_VERSION.fullmatch(text))


def order(version: str) -> tuple[tuple[int, ...], bool, str]:
    """What versions are sorted by; a text that is none comes before all."""
    if not is_version(version):
        return (), False, version
    numbers, _, early = version.partition("-")
    return tuple(int(number) for number in numbers.split(".")), not early, early


def is_older(version: str, than: str) -> bool:
    """Whether a version comes before another."""
    return order(version) < order(than)
