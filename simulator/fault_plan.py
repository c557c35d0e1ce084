"""Which faults strike a simulated shop, how often and when: drawn from a seed, or asked for. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from simulator.faults import ALL, DAY_S, KINDS, PPM

_CALM = 0.3  # of the kinds of a seed do not strike at all


@dataclass
class Plan:
    """What a seed has drawn: strikes a day of each kind, and when and where they come."""

    rates: dict[str, float] = field(default_factory=dict)
    ppm: dict[str, int] = field(default_factory=dict)
    strikes: list[tuple[float, str, int]] = field(default_factory=list)  # (s, kind, number)


def drawn(random: Random, days: int, visits_s: list[float], asked: Mapping[str, float | None]) -> Plan:
    """The plan of a seed, with the kinds that are asked for: as often as is asked, or as is drawn."""
    plan = Plan()
    for name, kind in KINDS.items():
        rate = _rate(random, kind.low, kind.high)
        rate = rate if asked.get(name) is None else float(asked[name] or 0)
        count = _poisson(random, rate * days)
        times = [_time(random, days, visits_s if kind.aimed else []) for _ in range(count)]
        if name in asked:
            plan.rates[name] = round(rate, 3)
            plan.strikes += [(at_s, name, number) for number, at_s in enumerate(times)]
    for name, high in PPM.items():
        ppm = round(_rate(random, high / 1000, high))
        if name in asked:
            plan.ppm[name] = ppm if asked[name] is None else round(float(asked[name] or 0))
    plan.strikes.sort()
    return plan


def _rate(random: Random, low: float, high: float) -> float:
    calm, rate = random.random() < _CALM, low * math.exp(random.random() * math.log(high / low))
    return 0.0 if calm else rate


def _poisson(random: Random, mean: float) -> int:
    count, at = 0, random.expovariate(1.0)
    while at < mean:
        count += 1
        at += random.expovariate(1.0)
    return count


def _time(random: Random, days: int, visits_s: list[float]) -> float:
    """Any time, or about the time of a visit."""
    anywhere, aims = random.random() * days * DAY_S, random.random() < 0.6
    offset_s = random.uniform(-8, 45)
    return max(1.0, random.choice(visits_s) + offset_s) if aims and visits_s else anywhere


def asked(text: str) -> dict[str, float | None]:
    """`all`, `none`, or kinds with commas between, each perhaps with `=` and how often (`ValueError`).

    How often is strikes a day, or for the behaviour of broker and cloud messages in a million; None: as the seed draws.
    """
    if text in {"all", "none"}:
        return dict.fromkeys(sorted(ALL)) if text == "all" else {}
    kinds: dict[str, float | None] = {}
    for entry in text.split(","):
        name, given, often = entry.partition("=")
        if name not in ALL:
            raise ValueError(f"expected faults among {', '.join(sorted(ALL))}, found {name}")
        kinds[name] = float(often) if given else None
    return kinds
