"""What a cell of a table holds: text as it stands there, and marks for what Excel made of it.

A CSV's cells are plain `str`. An Excel cell that is a number, a date or an error is a `str` of its own type, so that
whoever reads a column knows that it was never written as text.
"""

from typing import NamedTuple


class NumberCell(str):
    """A number of Excel's, with a point and without an exponent."""

    __slots__ = ()


class DateCell(str):
    """A date of Excel's, as 2026-11-22."""

    __slots__ = ()


class ErrorCell(str):
    """An error of Excel's, such as #N/A."""

    __slots__ = ()


class Line(NamedTuple):
    """One line of a table with the number a person sees beside it."""

    number: int
    cells: tuple[str, ...]
