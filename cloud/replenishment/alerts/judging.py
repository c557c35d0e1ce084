"""What must be known about bins, cabinets, gateways and losses: judged from facts, one function a kind. Pure.

`standing` is whether an alert of the matter is open: its limit for going on is lower than that for beginning.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Final

from cloud.replenishment.alerts.contact import Clock, Span, limit_ms, silence_ms
from cloud.replenishment.alerts.matters import DAY_MS, MINUTE_MS, NOW, SOON, TODAY, Figure, Finding, place

RUNS_OUT_PPM: Final = 500_000
STILL_PPM: Final = 250_000
VISIT_SOON_MS: Final = DAY_MS  # what a visit brings within a day needs nobody else

MANY_SHOPS: Final = 5
MANY_SHARE: Final = 3  # a third of the dealer's shops
STILL_MANY: Final = 3
TOGETHER_MS: Final = 10 * MINUTE_MS

LOSS_DAYS: Final = 7
NOISE_SDS: Final = 3.0
LOSS_AT_ONCE: Final = 3  # pieces
LOSS_TIMES: Final = 2
LOSS_VALUE_MINOR: Final = 50_000
GRAMS_SHARE: Final = 20  # a twentieth of what the bin holds
GRAMS_MIN: Final = 100


# ---- runs out ----


@dataclass(frozen=True, slots=True)
class BinFacts:
    """A part in a bin. `runs_out_ppm` None: there is no forecast; otherwise until `until_ms`.

    `visit`: the shop's next planned visit, "" when there is none; `brings`: whether it brings this part to this bin.
    """

    shop: str
    cabinet: str
    bin: int
    part: str
    surely: int
    requested_ms: int = 0  # 0: nothing is asked for
    runs_out_ppm: int | None = None
    until_ms: int = 0
    visit: str = ""
    visit_day: str = ""
    brings: bool = False
    is_planned: bool = True


def judge_bin(facts: BinFacts, now_ms: int, *, standing: bool) -> Finding:
    """Whether more will be asked of a bin than it surely holds before the next visit, planned or possible."""
    why = _why_not(facts, now_ms, standing=standing)
    detail: dict[str, Figure] = {"stock": facts.surely, "until_ms": facts.until_ms}
    if facts.runs_out_ppm is not None:
        detail["ppm"] = facts.runs_out_ppm
    if facts.visit:
        detail |= {"visit": facts.visit, "visit_day": facts.visit_day, "brings": int(facts.brings)}
    return Finding(
        "runs_out",
        facts.shop,
        place(facts.cabinet, facts.bin, facts.part),
        holds=not why,
        urgency=NOW if facts.surely <= 0 else TODAY,
        cabinet=facts.cabinet,
        bin=facts.bin,
        part=facts.part,
        since_ms=facts.requested_ms,
        detail=detail,
        why=why,
    )


def _why_not(facts: BinFacts, now_ms: int, *, standing: bool) -> str:
    if not facts.is_planned:
        return "gone"
    limit_ppm = STILL_PPM if standing else RUNS_OUT_PPM
    is_likely = facts.runs_out_ppm is not None and facts.runs_out_ppm >= limit_ppm
    if facts.brings and (not is_likely or facts.until_ms - now_ms < VISIT_SOON_MS):
        return "visit_brings" if facts.surely <= 0 or is_likely else "restocked"
    if is_likely:
        return ""
    if facts.surely > 0:
        return "restocked"
    return "" if facts.requested_ms else "not_asked"  # empty already, asked for, and nobody brings it


# ---- sensors ----


@dataclass(frozen=True, slots=True)
class CabinetFacts:
    """A cabinet by its gateway's newest word. `last_heard_ms` 0: never."""

    cabinet: str
    bins_blind: int
    last_heard_ms: int
    reported_ms: int
    gaps: Sequence[Span] = ()


def judge_sensors(shop: str, facts: CabinetFacts, clock: Clock, now_ms: int) -> Finding:
    """Whether bins of a cabinet give no weight; not known while nothing is heard of it."""
    oldest_ms = min(facts.reported_ms, facts.last_heard_ms)
    is_known = facts.last_heard_ms > 0 and silence_ms(oldest_ms, now_ms, clock) < limit_ms((), now_ms, clock)
    return Finding(
        "sensor_blind",
        shop,
        facts.cabinet,
        holds=facts.bins_blind > 0 if is_known else None,
        urgency=TODAY,
        cabinet=facts.cabinet,
        detail={"bins": facts.bins_blind},
        why="sees_again",
    )


# ---- contact ----


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """A shop's gateway and cabinets. `last_contact_ms` 0: it never called, and is being set up."""

    shop: str
    last_contact_ms: int
    clock: Clock
    cabinets: Sequence[CabinetFacts] = ()
    gaps: Sequence[Span] = field(default=())


def judge_contact(shops: Sequence[ShopFacts], now_ms: int, standing: Iterable[tuple[str, str]]) -> list[Finding]:
    """Whose gateway or cabinet has been silent for longer than is usual for it.

    One of a shop when its gateway is away, not one of each cabinet; one in all when many shops fell silent at once:
    that is no shop's own trouble. `standing`: (shop, matter) of what is open.
    """
    open_now = set(standing)
    silent = [facts for facts in shops if _is_quiet(facts, now_ms)]
    together = _together(silent, len(shops), still=("", "many") in open_now)
    in_all = {facts.shop for facts in together}
    findings = [_many(together, len(shops), now_ms)]
    for facts in shops:
        findings.append(_gateway(facts, now_ms, together=facts.shop in in_all))
        findings += [_cabinet(facts, cabinet, now_ms) for cabinet in facts.cabinets]
    return findings


def _is_quiet(facts: ShopFacts, now_ms: int) -> bool:
    return facts.last_contact_ms > 0 and silence_ms(facts.last_contact_ms, now_ms, facts.clock) >= TOGETHER_MS


def _together(silent: Sequence[ShopFacts], shops: int, *, still: bool) -> list[ShopFacts]:
    """The most shops that fell silent within ten minutes, when they are many."""
    ordered = sorted(silent, key=lambda facts: facts.last_contact_ms)
    best: list[ShopFacts] = []
    start = 0
    for end, facts in enumerate(ordered):
        while facts.last_contact_ms - ordered[start].last_contact_ms > TOGETHER_MS:
            start += 1
        if end + 1 - start > len(best):
            best = ordered[start : end + 1]
    is_many = len(best) >= STILL_MANY if still else len(best) >= MANY_SHOPS and len(best) * MANY_SHARE >= shops
    return best if is_many else []


def _many(together: Sequence[ShopFacts], shops: int, now_ms: int) -> Finding:
    since_ms = min((facts.last_contact_ms for facts in together), default=0)
    holds = any(_is_missed(facts, now_ms) for facts in together)
    return Finding(
        "no_contact",
        "",
        "many",
        holds=holds,
        urgency=NOW,
        since_ms=since_ms,
        detail={"shops": len(together), "of": shops},
        why="heard_again",
    )


def _is_missed(facts: ShopFacts, now_ms: int) -> bool:
    return silence_ms(facts.last_contact_ms, now_ms, facts.clock) >= limit_ms(facts.gaps, now_ms, facts.clock)


def _gateway(facts: ShopFacts, now_ms: int, *, together: bool) -> Finding:
    is_missed = facts.last_contact_ms > 0 and _is_missed(facts, now_ms)
    return Finding(
        "no_contact",
        facts.shop,
        "gateway",
        holds=is_missed and not together,
        urgency=NOW,
        since_ms=facts.last_contact_ms,
        detail={"usual_ms": limit_ms(facts.gaps, now_ms, facts.clock)},
        why="many_shops" if together else "heard_again",
    )


def _cabinet(facts: ShopFacts, cabinet: CabinetFacts, now_ms: int) -> Finding:
    """By what the gateway says of it: while the gateway is silent nobody knows."""
    limit = limit_ms(cabinet.gaps, now_ms, facts.clock)
    silent_ms = silence_ms(cabinet.last_heard_ms, cabinet.reported_ms, facts.clock)
    is_known = silence_ms(max(facts.last_contact_ms, 1), now_ms, facts.clock) < TOGETHER_MS
    return Finding(
        "no_contact",
        facts.shop,
        f"cabinet {cabinet.cabinet}",
        holds=(cabinet.last_heard_ms > 0 and silent_ms >= limit) if is_known else None,
        urgency=TODAY,
        cabinet=cabinet.cabinet,
        since_ms=cabinet.last_heard_ms,
        detail={"usual_ms": limit},
        why="heard_again",
    )


# ---- losses ----


@dataclass(frozen=True, slots=True)
class LossFacts:
    """What went missing from a bin of a part in a week, and nobody has explained.

    `lost`: pieces or grams; `times`: in how many bookings; `doubt`: the variance that counting leaves, in squares of
    pieces: the sum of 1 - P of every count. `price_minor` of one, None: nobody said a price.
    """

    shop: str
    cabinet: str
    bin: int
    part: str
    lost: int
    times: int
    since_ms: int
    doubt: float = 0.0
    is_grams: bool = False
    capacity: int = 0
    price_minor: int | None = None
    currency: str = ""
    explained: bool = False


def judge_loss(facts: LossFacts, *, standing: bool) -> Finding:
    """Whether so much is missing that counting cannot have erred by it, and more than one odd piece."""
    value_minor = facts.lost * facts.price_minor if facts.price_minor is not None else None
    detail: dict[str, Figure] = {"lost": facts.lost, "times": facts.times, "days": LOSS_DAYS}
    if value_minor is not None:
        detail |= {"value_minor": value_minor, "currency": facts.currency}
    is_dear = value_minor is not None and value_minor >= LOSS_VALUE_MINOR
    return Finding(
        "unexplained_loss",
        facts.shop,
        place(facts.cabinet, facts.bin, facts.part),
        holds=facts.lost > 0 if standing else _is_loss(facts, is_dear=is_dear),
        urgency=TODAY if is_dear else SOON,
        cabinet=facts.cabinet,
        bin=facts.bin,
        part=facts.part,
        since_ms=facts.since_ms,
        detail=detail,
        why="explained" if facts.explained else "no_more",
    )


def _is_loss(facts: LossFacts, *, is_dear: bool) -> bool:
    if facts.is_grams:
        least = max(GRAMS_MIN, facts.capacity // GRAMS_SHARE)
        return facts.lost >= least and (facts.times >= LOSS_TIMES or facts.lost >= 2 * least or is_dear)
    if facts.lost <= NOISE_SDS * sqrt(max(0.0, facts.doubt)):
        return False
    return facts.lost >= LOSS_AT_ONCE or (facts.lost >= 2 and facts.times >= LOSS_TIMES) or is_dear
