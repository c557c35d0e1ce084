"""What a statement says, as it is shown, written to files, and kept for ever once it is closed. Values only.

It names no mechanic: people are in the ledger by their ids, and a statement is about parts, jobs and vehicles.
"""

from typing import Annotated, Literal

from pydantic import Field

from cloud.views import PartName, Quantity, TimeMs, View

Minor = Annotated[int, Field(description="minor units of the currency", examples=[12850])]
MaybeMinor = Annotated[int | None, Field(description="minor units; null: the line needs a price first")]


class StatementLine(View):
    """One part at one price: used in the month, corrected from an earlier one, or credited by a claim.

    `net_minor` is `quantity` times the price, exact; the tax is rounded by line.
    """

    kind: Literal["used", "correction", "claim"]
    part: PartName
    taken: Quantity = Field(description="taken, before what came back")
    back: Quantity = Field(description="given back, corrected or claimed; negative")
    quantity: Quantity = Field(description="what is billed: taken and back together")
    first_day: str = Field(examples=["2026-11-03"])
    last_day: str = Field(examples=["2026-11-21"])
    price_minor: MaybeMinor
    price_day: str = Field(description="the price counts from this day; empty without one", examples=["2026-01-01"])
    price_shop: str = Field(default="", description="the shop whose own price it is; empty: the general one")
    currency: str = Field(examples=["CNY"])
    tax_ppm: int = Field(ge=0, examples=[130000])
    net_minor: MaybeMinor
    tax_minor: MaybeMinor
    of_month: str = Field(default="", description="of a correction: the closed month it corrects")
    claim: str = Field(default="", description="of a credit: the claim's id")
    claim_kind: str = ""


class StatementJob(View):
    """The lines of one job, or of no job (`job` empty)."""

    job: str = Field(examples=["C261122-7KQ2"])
    title: str
    vehicle: str
    plate: str
    vin: str
    model: str
    lines: list[StatementLine]


class RateTotal(View):
    """All lines of one currency and tax rate."""

    currency: str = Field(examples=["CNY"])
    tax_ppm: int = Field(examples=[130000])
    net_minor: Minor
    tax_minor: Minor


class CurrencyTotal(View):
    """All lines of one currency. Currencies are never added up."""

    currency: str = Field(examples=["CNY"])
    net_minor: Minor
    tax_minor: Minor
    gross_minor: Minor


class OpenQuestion(View):
    """A discrepancy that nobody has explained: stated beside, never billed."""

    discrepancy: str
    cabinet: str
    bin: int
    part: PartName | None
    reason: str
    opened_ms: TimeMs


class StatementView(View):
    """What one shop used in one month, by job, at the prices of the days it was taken."""

    shop: str = Field(examples=["shop-1"])
    shop_name: str
    shop_address: str = ""
    dealer: str
    dealer_name: str
    month: str = Field(examples=["2026-11"])
    time_zone: str = Field(examples=["Asia/Shanghai"])
    from_ms: TimeMs
    to_ms: TimeMs
    closed_ms: int = Field(description="0: not closed", examples=[0])
    closed_by: str = ""
    digest: str = Field(default="", description="SHA-256 of the closed statement as it is kept")
    jobs: list[StatementJob]
    rates: list[RateTotal]
    totals: list[CurrencyTotal]
    unpriced: int = Field(ge=0, description="lines that need a price before the month can be closed")
    questions: list[OpenQuestion]


class MonthView(View):
    """A month that a statement can be asked for."""

    month: str = Field(examples=["2026-11"])
    closed_ms: int
    closed_by: str = ""
    can_close: bool = Field(description="whether it is the next that can be closed")
    why_not: str = Field(default="", description="why it cannot be closed now")
