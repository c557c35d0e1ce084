"""What is answered about aims, policies, persons' levels and planning runs."""

from pydantic import Field

from cloud.views import PartName, TimeMs, View


class OverrideView(View):
    """Levels that a person set until a day."""

    id: str = Field(examples=["o-1f2e3d4c5b6a"])
    shop: str = Field(examples=["shop-1"])
    cabinet: str = Field(examples=["cab-1"])
    bin: int = Field(examples=[4])
    part: str = Field(examples=["WK-1060"])
    reorder_point: int = Field(examples=[3])
    order_up_to: int = Field(examples=[12])
    until_ms: TimeMs
    why: str = Field(examples=["旺季"])
    made_by: str = Field(examples=["李经理"])
    made_ms: TimeMs
    ended_ms: int = Field(description="0: nobody ended it before its day")
    ended_by: str = Field(description="who did; planogram: the bin became another")
    holds: bool = Field(description="whether it holds now")


class AimView(View):
    """What one row of aims says, and what counts there in the end."""

    shop: str = Field(description="empty: every shop", examples=["shop-1"])
    category: str = Field(description="empty: every category", examples=["engine"])
    said: dict[str, str | int] = Field(description="what this row says itself", examples=[{"fill_ppm": 950000}])
    counts: dict[str, str | int] = Field(description="with what wider rows and the defaults say")


class PolicyView(View):
    """The policy of a part in a bin, and what holds there now."""

    shop: str = Field(examples=["shop-1"])
    cabinet: str = Field(examples=["cab-1"])
    bin: int = Field(examples=[4])
    part: PartName
    computed_ms: TimeMs
    reorder_point: int = Field(description="as computed")
    order_up_to: int = Field(description="as computed")
    reorder_point_in_force: int = Field(description="of a person, of the forecast, or the planogram's")
    order_up_to_in_force: int
    from_whom: str = Field(description="person | forecast | planogram", examples=["forecast"])
    aim_ppm: int = Field(description="the fill rate computed with, after correction")
    fill_ppm: int = Field(description="expected with the computed levels")
    on_hand: float = Field(description="expected mean stock")
    mean_day: float = Field(description="expected demand of a day")
    stock: int
    at_risk: int = Field(description="of it, what open discrepancies may have taken")
    capacity: int
    pack_size: int
    days_left: float | None = Field(description="how long the sure stock lasts; null: longer than two years")
    runs_out_ppm: int = Field(description="chance to run short before the next visit has been")
    method: str = Field(examples=["smoothing"])
    demand_class: str = Field(examples=["intermittent"])
    limited_by: str = Field(description="capacity | weight | shelf_life | pack, empty: nothing")
    lead_days: int
    review_days: int
    told_ms: int | None = Field(description="when its gateway was last told levels; null: never")
    answered: bool = Field(description="whether the gateway has heard them")


class WeekAhead(View):
    """What is expected of the time until the end of a week."""

    weeks: int = Field(examples=[1])
    expected: float
    low: int = Field(description="enough with a chance of 10 %")
    middle: int = Field(description="50 %")
    high: int = Field(description="90 %")
    very_high: int = Field(description="98 %")


class PolicyCard(View):
    """Everything about one bin's policy."""

    part: PartName
    policy: PolicyView | None = Field(description="null: nothing was computed yet")
    weeks: list[WeekAhead]
    asked_by_week: list[int] = Field(description="what was asked for in the last weeks, the oldest first")
    override: OverrideView | None


class RunView(View):
    """One run over the dealer's bins."""

    id: str = Field(examples=["r-1f2e3d4c5b6a"])
    started_ms: TimeMs
    ended_ms: int = Field(description="0: it runs, or waits for another")
    bins: int
    told: int = Field(description="bins whose gateway was told new levels")
    error: str
    methods: dict[str, str] = Field(description="by class of demand, how it is forecast")
    scores: dict[str, dict[str, float]] = Field(description="by class, what the backtest said of each method")
    reached_ppm: int = Field(description="of what was asked for lately, what lay there; -1: nothing was asked for")
    asked: int = Field(description="how many pieces that rests on")


class FillView(View):
    """Promised and reached, by class of demand."""

    demand_class: str = Field(examples=["intermittent"])
    aim_ppm: int
    reached_ppm: int = Field(description="-1: not enough was asked for yet")
    corrected_ppm: int = Field(description="what is computed with")
    demand: int = Field(description="pieces that it rests on")
