"""How much may lie in a bin: its capacity, what its cell bears, and what is used before it spoils."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloud.replenishment.forecasting.values import Forecast, Ints
from cloud.replenishment.levels.terms import LIMITS, Terms

UNLIMITED = np.int64(2**40)


@dataclass(frozen=True)
class Limits:
    """`most` (items,): what may lie there at most; `why`: which of LIMITS says so, 0 where none does."""

    most: Ints
    why: NDArray[np.int8]


def limits(forecast: Forecast, terms: Terms, top: int) -> Limits:
    """The limits as far as they lie below `top`; the shelf life's above it are not looked for."""
    room = np.where(terms.capacity > 0, terms.capacity, UNLIMITED)
    weighed = (terms.unit_g > 0) & (terms.bears_g > 0)
    grams = np.where(weighed, terms.bears_g / np.where(weighed, terms.unit_g, 1) + 1e-9, UNLIMITED)
    each = np.stack([room, grams.astype(np.int64), _used_in_time(forecast, terms, top)])
    most = each.min(axis=0)
    why = np.where(most < UNLIMITED, each.argmin(axis=0) + 1, 0)
    return Limits(most, why.astype(np.int8))


def _used_in_time(forecast: Forecast, terms: Terms, top: int) -> Ints:
    """The most pieces of which all are used within the shelf life, as surely as the terms ask."""
    most = np.full(len(terms), UNLIMITED)
    spoil = np.flatnonzero(np.isfinite(terms.shelf_life))
    if spoil.size:
        up_to = np.cumsum(forecast.of(spoil).distribution(terms.shelf_life[spoil], top), axis=1)
        sure = (1 - up_to >= terms.used_in_time - 1e-12).sum(axis=1)  # P(D >= y) for y = 1, 2 …
        needed = (terms.least * terms.pack)[spoil]  # what must be there is there, spoilt or not
        most[spoil] = np.where(sure > top, UNLIMITED, np.maximum(sure, needed))
    return most


PACK = np.int8(LIMITS.index("pack"))
