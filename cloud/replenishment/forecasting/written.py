"""One bin's forecast as a short JSON text, to be kept and explained later; reading it back gives the same forecast.

    {"rate": 0.41, "dispersion": 2.4, "drift": 0.1, "discount": 0.99, "shape": 348.0, "history": "12x0 3 4x0 1 2x-"}

The history is oldest first: what was asked for by period, `12x0` for twelve times 0, `-` for a period without stock,
`2@0.5` for 2 asked for in half a period.
"""

import json
import math
from itertools import groupby

import numpy as np

from cloud.replenishment.forecasting.smoothed import SmoothedForecast
from cloud.replenishment.forecasting.values import Demand, Floats

_LEAST_WEIGHT = 0.01  # history that weighs less beside the last period is not kept
_DIGITS = 9


def written(forecast: SmoothedForecast, item: int) -> str:
    """One item's forecast."""
    kept = _kept(forecast)
    history = forecast.history
    return json.dumps(
        {
            "rate": _short(forecast.rate[item]),
            "dispersion": _short(forecast.dispersion[item]),
            "drift": _short(forecast.drift[item]),
            "discount": _short(forecast.history_discount),
            "shape": _short(forecast.shape_periods),
            "history": _history_text(history.quantity[item, -kept:], history.exposure[item, -kept:]),
        }
    )


def read(text: str) -> SmoothedForecast:
    """A forecast of one item; ValueError on anything that `written` did not write."""
    try:
        found = json.loads(text)
        numbers = [float(found[name]) for name in ("rate", "dispersion", "drift", "discount", "shape")]
        history = _history(str(found["history"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"expected a forecast as it is written down, found {text[:80]!r}") from error
    rate, dispersion, drift = (np.array([each]) for each in numbers[:3])
    return SmoothedForecast(rate, dispersion, drift, history, *numbers[3:])


def _kept(forecast: SmoothedForecast) -> int:
    """How many of the last periods, 1 at least."""
    periods = int(forecast.history.quantity.shape[1])
    if forecast.history_discount >= 1:
        return periods
    return min(periods, int(math.log(_LEAST_WEIGHT) / math.log(forecast.history_discount)) + 1)


def _history_text(quantity: Floats, exposure: Floats) -> str:
    words = [_word(*each) for each in zip(quantity, exposure, strict=True)]
    runs = ((word, len(list(same))) for word, same in groupby(words))
    return " ".join(word if times == 1 else f"{times}x{word}" for word, times in runs)


def _word(quantity: float, exposure: float) -> str:
    if exposure <= 0:
        return "-"
    return f"{_short(quantity):g}" if exposure == 1 else f"{_short(quantity):g}@{_short(exposure):g}"


def _history(text: str) -> Demand:
    cells = [cell for run in text.split() for cell in _run(run)]
    quantity, exposure = (np.array([[each[at] for each in cells]], float).reshape(1, -1) for at in (0, 1))
    return Demand(quantity, exposure, np.zeros(1, np.int64))


def _run(text: str) -> list[tuple[float, float]]:
    times, _, word = text.rpartition("x")
    quantity, _, exposure = word.partition("@")
    cell = (0.0, 0.0) if word == "-" else (float(quantity), float(exposure or 1))
    return [cell] * int(times or 1)


def _short(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")
