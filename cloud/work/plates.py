"""Licence plates and VINs as they are compared: however they were typed. Pure."""

import re
import unicodedata

PLATE_CHARACTERS_MAX = 20
VIN_CHARACTERS_MAX = 40
_BETWEEN = re.compile(r"[\s·•・.\-_/]+")
_WHOLE_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")


def plain_plate(plate: str) -> str:
    """A plate without blanks, dots and hyphens, in capitals: `鲁B·1 2345` and `鲁b12345` are one."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", plate)).upper()


def shown_plate(plate: str) -> str:
    """A plate as it is kept: as it was told, without blanks around it."""
    return unicodedata.normalize("NFKC", plate).strip()


def plain_vin(vin: str) -> str:
    """A VIN in capitals without blanks and hyphens."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", vin)).upper()


def is_whole_vin(vin: str) -> bool:
    """Whether it has the 17 characters of a VIN, none of them I, O or Q."""
    return bool(_WHOLE_VIN.fullmatch(vin))
