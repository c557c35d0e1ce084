"""Lines of a statement from lines of the ledger and claims' credits. Pure: values in, values out."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from cloud.views import PartName
from cloud.work.money import tax_minor
from cloud.work.prices import Price
from cloud.work.statement_views import CurrencyTotal, RateTotal, StatementLine

Kind = Literal["used", "correction", "claim"]


@dataclass(frozen=True)
class Entry:
    """One thing to bill or to credit: a line of the ledger, or a claim's credit (`credit_minor`, net, negative)."""

    ref: str
    kind: Kind
    job: str
    part: str
    quantity: int
    day: str
    price: Price | None
    of_month: str = ""
    claim: str = ""
    claim_kind: str = ""
    credit_minor: int | None = None
    is_move: bool = False  # from no job to one: neither taken nor given back

    @property
    def key(self) -> tuple[str, ...]:
        """Entries that make one line share it."""
        price = self.price
        priced = (price.currency, str(price.price_minor), str(price.tax_ppm), price.day, price.shop) if price else ()
        return (self.part, self.kind, self.of_month, self.claim, *priced)


def lines_of(entries: Iterable[Entry], name: Callable[[str], PartName]) -> list[StatementLine]:
    """The lines of one job: used first, then corrections, then credits."""
    order = {"used": 0, "correction": 1, "claim": 2}
    ordered = sorted(entries, key=lambda entry: (order[entry.kind], entry.key, entry.day, entry.ref))
    grouped = groupby(ordered, key=lambda entry: (order[entry.kind], entry.key))
    lines = [_line(list(group), name) for _, group in grouped]
    return [line for line in lines if line.taken or line.back]  # what was charged to a job stands there, and only there


def _line(entries: Sequence[Entry], name: Callable[[str], PartName]) -> StatementLine:
    first, days = entries[0], [entry.day for entry in entries]
    quantity = sum(entry.quantity for entry in entries)
    net = _net(entries, quantity)
    price = first.price
    return StatementLine(
        kind=first.kind,
        part=name(first.part),
        taken=sum(entry.quantity for entry in entries if entry.quantity > 0 or entry.is_move),
        back=sum(entry.quantity for entry in entries if entry.quantity < 0 and not entry.is_move),
        quantity=quantity,
        first_day=min(days),
        last_day=max(days),
        price_minor=price.price_minor if price else None,
        price_day=price.day if price else "",
        price_shop=price.shop if price else "",
        currency=price.currency if price else "",
        tax_ppm=price.tax_ppm if price else 0,
        net_minor=net,
        tax_minor=tax_minor(net, price.tax_ppm) if price and net is not None else None,
        of_month=first.of_month,
        claim=first.claim,
        claim_kind=first.claim_kind,
    )


def _net(entries: Sequence[Entry], quantity: int) -> int | None:
    price = entries[0].price
    if price is None:
        return None
    given = [entry.credit_minor for entry in entries if entry.credit_minor is not None]
    return sum(given) if given else quantity * price.price_minor


def rate_totals(lines: Iterable[StatementLine]) -> list[RateTotal]:
    """Sums by currency and rate: of rounded lines, so that what is printed adds up."""
    sums: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    for line in lines:
        if line.net_minor is not None and line.tax_minor is not None:
            held = sums[line.currency, line.tax_ppm]
            held[0] += line.net_minor
            held[1] += line.tax_minor
    return [
        RateTotal(currency=currency, tax_ppm=rate, net_minor=net, tax_minor=tax)
        for (currency, rate), (net, tax) in sorted(sums.items())
    ]


def currency_totals(rates: Iterable[RateTotal]) -> list[CurrencyTotal]:
    """Sums by currency."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for rate in rates:
        sums[rate.currency][0] += rate.net_minor
        sums[rate.currency][1] += rate.tax_minor
    return [
        CurrencyTotal(currency=currency, net_minor=net, tax_minor=tax, gross_minor=net + tax)
        for currency, (net, tax) in sorted(sums.items())
    ]
