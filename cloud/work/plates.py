"""Plates and VINs as files keep them. How they are compared is `part_words.plain_plate` and `vin.plain_vin`."""

import re
import unicodedata

PLATE_CHARACTERS_MAX = 20
VIN_CHARACTERS_MAX = 40
_WHOLE_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")


def shown_plate(plate: str) -> str:
    """A plate as it is kept: as it was told, without blanks around it."""
    return unicodedata.normalize("NFKC", plate).strip()


def is_whole_vin(vin: str) -> bool:
    """Whether it has the 17 characters of a VIN, none of them I, O or Q."""
    return bool(_WHOLE_VIN.fullmatch(vin))
