"""How long the stock of bins lasts: expected demand, and the chance of running short until a time.

    for each in outlooks(session, "dealer-1", now_ms, shops=["shop-1"]):
        each.expected(days=5), each.runs_out_ppm(days=5), each.days_left

Stock is the lower bound: what open discrepancies may have taken is taken off. Bins without a computed policy are not
among them: nothing is known of their demand yet. Reads only; for the cloud's own work and for a tenant's transaction
alike, and says by `dealer` whose bins it means.
"""

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from cloud.replenishment.day_demand import DayDemand, read_day_demand
from cloud.tables import Balance, BinPolicy, Discrepancy, OpenMatter, PlannedBin, PolicyOverride

DAY_MS = 86_400_000
AT_RISK_PPM = 1_000  # what a candidate is at least: as the gateway takes it for its lower bound
PPM = 1_000_000

Place = tuple[str, str, int, str]  # shop, cabinet, bin, part


@dataclass(frozen=True, slots=True)
class BinOutlook:
    """A part in a bin: its stock, its levels in force, and its demand. Quantities are pieces or grams."""

    shop: str
    cabinet: str
    bin: int
    part: str
    stock: int
    at_risk: int  # of it, what open discrepancies may have taken
    capacity: int
    reorder_point: int  # in force: of a person, of the forecast where it was told, or the planogram's
    order_up_to: int
    demand: DayDemand
    demand_class: str
    lead_days: int
    review_days: int
    computed_ms: int

    @property
    def surely(self) -> int:
        """The lower bound of the stock, 0 or more."""
        return max(0, self.stock - self.at_risk)

    @property
    def mean_day(self) -> float:
        """Expected demand of a day."""
        return self.demand.mean

    @property
    def days_left(self) -> float | None:
        """How long the lower bound lasts at the expected demand; None: for longer than anybody plans."""
        return self.demand.days_of(self.surely)

    def expected(self, days: float) -> float:
        """What will be asked for in so many days."""
        return self.demand.expected(days)

    def runs_out_ppm(self, days: float, more: int = 0) -> int:
        """The chance that more is asked for in so many days than there is; `more`: what comes before that."""
        return round(PPM * self.demand.more_than(self.surely + more, days))

    def enough_until(self, share: float, days: float) -> int:
        """The least stock that lasts so many days with a probability of `share` (0 to 1)."""
        return self.demand.quantile(share, days)


def outlooks(
    session: Session,
    dealer: str,
    now_ms: int,
    *,
    shops: Collection[str] | None = None,
    cabinet: str = "",
    part: str = "",
) -> list[BinOutlook]:
    """A dealer's bins with a policy that the planogram still has, in order of place; None: of all shops."""
    rows = (
        select(BinPolicy, PlannedBin, Balance.quantity)
        .join(
            PlannedBin,
            (col(PlannedBin.shop_id) == col(BinPolicy.shop_id))
            & (col(PlannedBin.cabinet) == col(BinPolicy.cabinet))
            & (col(PlannedBin.bin) == col(BinPolicy.bin))
            & (col(PlannedBin.part) == col(BinPolicy.part))
            & (col(PlannedBin.dealer_id) == col(BinPolicy.dealer_id)),
        )
        .join(
            Balance,
            (col(Balance.shop_id) == col(BinPolicy.shop_id))
            & (col(Balance.account) == col(PlannedBin.account))
            & (col(Balance.part) == col(BinPolicy.part))
            & (col(Balance.dealer_id) == col(BinPolicy.dealer_id)),
            isouter=True,
        )
        .where(col(BinPolicy.dealer_id) == dealer)
        .order_by(col(BinPolicy.shop_id), col(BinPolicy.cabinet), col(BinPolicy.bin), col(BinPolicy.part))
    )
    if shops is not None:
        rows = rows.where(col(BinPolicy.shop_id).in_(sorted(shops)))
    if cabinet:
        rows = rows.where(col(BinPolicy.cabinet) == cabinet)
    if part:
        rows = rows.where(col(BinPolicy.part) == part)
    at_risk = open_risks(session, dealer, shops)
    people = overrides_in_force(session, dealer, now_ms, shops)
    return [
        _outlook(policy, planned, int(held or 0), at_risk, people) for policy, planned, held in session.execute(rows)
    ]


def _outlook(
    policy: BinPolicy,
    planned: PlannedBin,
    held: int,
    at_risk: dict[Place, int],
    people: dict[Place, PolicyOverride],
) -> BinOutlook:
    place = policy.shop_id, policy.cabinet, policy.bin, policy.part
    levels = levels_in_force(policy, planned, people.get(place))
    return BinOutlook(
        *place,
        stock=held,
        at_risk=at_risk.get(place, 0),
        capacity=planned.capacity,
        reorder_point=levels[0],
        order_up_to=levels[1],
        demand=read_day_demand(policy.forecast),
        demand_class=policy.demand_class,
        lead_days=policy.lead_days,
        review_days=policy.review_days,
        computed_ms=policy.computed_ms,
    )


def levels_in_force(policy: BinPolicy | None, planned: PlannedBin, override: PolicyOverride | None) -> tuple[int, int]:
    """Reorder point and order-up-to level that the gateway works with, once it has heard everything told."""
    if override is not None:
        return override.reorder_point, override.order_up_to
    if policy is not None and policy.told_order_up_to >= 0:
        return policy.told_reorder_point, policy.told_order_up_to
    return planned.reorder_point, planned.order_up_to


def overrides_in_force(
    session: Session, dealer: str, now_ms: int, shops: Collection[str] | None = None
) -> dict[Place, PolicyOverride]:
    """By place, what persons have set and what has not ended; the last made counts."""
    rows = select(PolicyOverride).where(
        col(PolicyOverride.dealer_id) == dealer,
        col(PolicyOverride.ended_ms) == 0,
        col(PolicyOverride.until_ms) > now_ms,
    )
    if shops is not None:
        rows = rows.where(col(PolicyOverride.shop_id).in_(sorted(shops)))
    ordered = session.exec(rows.order_by(col(PolicyOverride.made_ms), col(PolicyOverride.id)))
    return {(row.shop_id, row.cabinet, row.bin, row.part): row for row in ordered}


def open_discrepancies() -> SelectOfScalar[Discrepancy]:
    """Those that nobody has ended, to be narrowed to a dealer's."""
    return select(Discrepancy).join(
        OpenMatter,
        (col(OpenMatter.shop_id) == col(Discrepancy.shop_id))
        & (col(OpenMatter.kind) == "discrepancy")
        & (col(OpenMatter.id) == col(Discrepancy.id))
        & (col(OpenMatter.dealer_id) == col(Discrepancy.dealer_id)),
    )


def open_risks(session: Session, dealer: str, shops: Collection[str] | None = None) -> dict[Place, int]:
    """How many of a part open discrepancies of its bin may be hiding, by place."""
    rows = open_discrepancies().where(col(OpenMatter.dealer_id) == dealer, func.length(col(Discrepancy.detail)) > 0)
    if shops is not None:
        rows = rows.where(col(OpenMatter.shop_id).in_(sorted(shops)))
    found: dict[Place, int] = defaultdict(int)
    for row in session.exec(rows):
        for part, quantity in may_have_taken(row.part, row.detail).items():
            found[row.shop_id, row.cabinet, row.bin, part] += quantity
    return found


def may_have_taken(named: str, detail: str) -> dict[str, int]:
    """How many of each part an open discrepancy may be hiding, from its detail; {} when it says nothing of it.

    A candidate is [[[part, change], ...], foreign_mg, ppm], of an older gateway [change, ppm] of the part it names.
    """
    most: dict[str, int] = {}
    try:
        for candidate in json.loads(detail).get("candidates", []):
            several = isinstance(candidate[0], list)
            if several and 0 < candidate[-1] < AT_RISK_PPM:
                continue
            for part, change in candidate[0] if several else [[named, candidate[0]]]:
                most[part] = max(most.get(part, 0), -int(change))
    except (ValueError, TypeError, AttributeError, IndexError, KeyError):
        return {}  # words of a gateway: what cannot be read hides nothing that is known
    return {part: quantity for part, quantity in most.items() if quantity > 0}
