"""What the smoothing takes for granted: chosen on earlier months of real car-part demand (docs/forecast.md)."""

from dataclasses import dataclass, replace

MONTH_DAYS = 365.25 / 12


@dataclass(frozen=True)
class Smoothing:
    """Durations and weights in periods; the defaults are for periods of a month."""

    discounts: tuple[float, ...] = (0.7, 0.8, 0.9, 1.0)  # per period; each is a pace at which a level may change
    level: float = 0.9  # of the group's rate by itself
    group_periods: float = 1.0  # what the group knows weighs as much as so many periods of an item's own
    dispersion_orders: float = 1.25  # and as so many orders, of how lumpy demand is
    dispersion_by_rate: float = 0.5  # power of an item's rate beside its group's, by which its dispersion goes
    dispersion_most: float = 2.5  # in multiples of the group's
    drift_share: float = 0.3  # of what lasts from one period into the next, that the forecast does not follow itself
    history_discount: float = 0.96  # an item's own history in the distribution: per period
    shape_periods: float = 80.0  # the fitted shape weighs as much as so many periods of own history
    first_period: int = 6  # forecasts are compared with what came from here on
    lean_expected: float = 20.0  # equal shares of the views weigh as much as so many expected units in the fit
    rows_max: int = 400_000  # item periods in the fit; more are thinned evenly

    def of_days(self, days: float) -> "Smoothing":
        """The same paces where a period has so many days."""
        a_month = MONTH_DAYS / days
        return replace(
            self,
            discounts=tuple(each ** (1 / a_month) for each in self.discounts),
            level=self.level ** (1 / a_month),
            group_periods=self.group_periods * a_month,
            history_discount=self.history_discount ** (1 / a_month),
            shape_periods=self.shape_periods * a_month,
            first_period=round(self.first_period * a_month),
        )


MONTHLY = Smoothing()
WEEKLY = MONTHLY.of_days(7)
