"""What pages and the API show of the gauges: values only. Shares are in parts per million; null: nothing is known."""

from typing import Annotated, Literal

from pydantic import Field

from cloud.views import View

Ppm = Annotated[int | None, Field(ge=0, le=1_000_000, description="null: nothing to tell of", examples=[981_000])]
KnownBy = Literal["forecast", "past", "both", "never_empty", "unknown"]
Span = Literal["day", "week", "month"]


class Complete(View):
    """全: of what was wanted, how much was there."""

    fill_ppm: Ppm
    taken: int = Field(description="net pieces", examples=[412])
    missing: float = Field(ge=0, description="pieces estimated to have been wanted and not there", examples=[7.5])
    known_by: KnownBy = Field(description="by what the missing ones are estimated", examples=["forecast"])
    empty_ppm: Ppm = Field(description="of the time in which parts should have been there, without a piece")
    unknown_ppm: Ppm = Field(description="of the empty time, with nothing known of what was wanted")


class Exact(View):
    """准: how often counting was right."""

    right_ppm: Ppm = Field(description="counts never corrected later, of all")
    counts: int = Field(ge=0, examples=[1204])
    sure_ppm: Ppm = Field(description="how right counting itself says it is: its mean confidence")
    checks: int = Field(ge=0, description="counts by people, and restocks that were weighed", examples=[31])
    checks_right_ppm: Ppm
    checks_off: int = Field(ge=0, description="pieces by which checks were off, all together", examples=[2])


class Fast(View):
    """快: hours from need to restock."""

    restocks: int = Field(ge=0, description="requests that were filled", examples=[58])
    median_minutes: int | None = Field(description="from raised to filled; null: none was", examples=[2460])
    p90_minutes: int | None = Field(description="nine of ten were faster", examples=[6970])


class Frugal(View):
    """省: stock and visits for what was used."""

    visits: int = Field(ge=0, examples=[9])
    visits_per_100: float | None = Field(description="visits for 100 pieces; null: none was used", examples=[2.1])
    stock: int = Field(description="pieces at the end", examples=[4190])
    stock_value_minor: int = Field(description="at the end, at the prices of that day", examples=[36530448])
    taken_value_minor: int = Field(description="of what was used", examples=[1796155])
    currency: str = Field(description="of both values; empty: no prices", examples=["CNY"])
    stock_days: float | None = Field(description="how long the stock lasts at this use", examples=[41.5])
    unpriced: int = Field(ge=0, description="parts on the last day that have no price in this currency", examples=[0])


class Gauges(View):
    """The four gauges of a span of days."""

    from_day: str = Field(examples=["2026-10-20"])
    to_day: str = Field(description="the last day", examples=["2026-11-16"])
    complete: Complete
    exact: Exact
    fast: Fast
    frugal: Frugal


class ShopGauges(Gauges):
    """The four gauges of a shop."""

    shop: str = Field(examples=["shop-1"])
    shop_name: str = Field(examples=["城东卡车维修"])
