"""Quantities, confidences and counts as people read them, always with their unit.

Pure: integers in, text out. Quantities are whole pieces or grams, confidences parts per million.
"""

from page_kit.language import Language

MINUS = "\u2212"  # as wide as a plus, so that columns of changes line up
GRAMS_AS_KILOGRAMS = 1000  # from here on grams are hard to read


def quantity(amount: int, unit: str, language: Language) -> str:
    """`3 件`, `1 pc`, `850 克`, `1.25 kg`."""
    number, word = amount_and_unit(amount, unit, language)
    return f"{number} {word}"


def change(amount: int, unit: str, language: Language) -> str:
    """A quantity with its sign, `+2 件` or `−1 pc`."""
    text = quantity(amount, unit, language)
    return f"+{text}" if amount > 0 else text


def amount_and_unit(amount: int, unit: str, language: Language) -> tuple[str, str]:
    """The number and its unit apart, to set one large and the other small."""
    if unit == "gram":
        return _mass(amount, language)
    if language == "zh":
        return _signed(amount), "件"
    return _signed(amount), "pc" if abs(amount) == 1 else "pcs"


def _mass(grams: int, language: Language) -> tuple[str, str]:
    if abs(grams) <= GRAMS_AS_KILOGRAMS:
        return _signed(grams), "克" if language == "zh" else "g"
    kilograms = f"{abs(grams) / 1000:.2f}".rstrip("0").rstrip(".")
    return f"{MINUS if grams < 0 else ''}{kilograms}", "kg"


def _signed(amount: int) -> str:
    return f"{MINUS}{-amount}" if amount < 0 else str(amount)


def confidence(ppm: int) -> str:
    """`98.7 %`, never rounded up to a certainty that is not there."""
    if ppm >= 1_000_000:
        return "100 %"
    tenths = max(0, ppm) // 1000
    return f"{tenths // 10}.{tenths % 10} %"


def mass(milligrams: int | None, language: Language) -> str:
    """A weight as a tester reads it: `1,234.5 g`, or a dash when the sensor gave none."""
    if milligrams is None:
        return "—"
    tenths = (milligrams + 50) // 100
    sign = MINUS if tenths < 0 else ""
    return f"{sign}{abs(tenths) // 10:,}.{abs(tenths) % 10} {'克' if language == 'zh' else 'g'}"
