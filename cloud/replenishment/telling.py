"""Policies on their way to the gateways: what is told, when it is worth telling, and what is taken back.

Only where the aim says that the forecast rules. A level that moved by no more than a tenth (and every level is whole)
is not told: the round would bring the same. What a person set stands before it at the gateway until its day.
Everything happens in the transaction of who calls, with the rows that remember what was told.
"""

from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, delete, select

from cloud.gate import as_service
from cloud.identity import SignedIn
from cloud.replenishment.aims import Aims, aims_of, put_aim
from cloud.replenishment.outlook import Place
from cloud.shop_feed import hold, tell
from cloud.tables import BinPolicy, CataloguePart, PlannedBin, PolicyOverride
from cloud.tenancy import tenant_rows
from edge_gateway.feed_format import Levels, Policy, told

LEVELS_MAX = 100  # bins in one entry of a feed: well below what an entry may hold
HYSTERESIS = 0.1  # of the level told before
OWN = -1  # told as both levels: the planogram's own hold
TYPED = "typed"  # the method where nothing is known: those hold as well


def tell_levels(
    session: Session, dealer: str, shop: str, levels: Sequence[Levels], now_ms: int, *, until_ms: int = 0
) -> dict[Place, int]:
    """Append to a shop's feed, several bins an entry; the number by place."""
    numbers: dict[Place, int] = {}
    for start in range(0, len(levels), LEVELS_MAX):
        some = list(levels[start : start + LEVELS_MAX])
        number = tell(session, shop, *told(Policy(some, until_ms)), now_ms, dealer=dealer)
        numbers |= {(shop, each.cabinet, each.bin, each.part): number for each in some}
    return numbers


def is_worth_telling(wanted: tuple[int, int], before: tuple[int, int]) -> bool:
    """Whether levels are so different from those told before that the gateway should know."""
    if wanted == before:
        return False
    if OWN in wanted or OWN in before:
        return True
    return any(abs(now - then) > HYSTERESIS * then for now, then in zip(wanted, before, strict=True))


def tell_shop(session: Session, dealer: str, shop: str, aims: Aims, now_ms: int) -> int:
    """Tell a shop's gateway what it does not know of the dealer's policies; of how many bins."""
    rows = session.execute(
        select(BinPolicy, CataloguePart.category)
        .join(
            CataloguePart,
            (col(CataloguePart.dealer_id) == col(BinPolicy.dealer_id))
            & (col(CataloguePart.number) == col(BinPolicy.part)),
            isouter=True,
        )
        .where(col(BinPolicy.shop_id) == shop, col(BinPolicy.dealer_id) == dealer)
        .order_by(col(BinPolicy.cabinet), col(BinPolicy.bin), col(BinPolicy.part))
    ).all()
    news: list[tuple[BinPolicy, Levels]] = []
    for row, category in rows:
        rules = aims.of(shop, category or "").by_forecast and row.method != TYPED
        wanted = (row.reorder_point, row.order_up_to) if rules else (OWN, OWN)
        if is_worth_telling(wanted, (row.told_reorder_point, row.told_order_up_to)):
            news.append((row, Levels(row.cabinet, row.bin, row.part, *wanted)))
    _remember(session, dealer, shop, news, now_ms)
    return len(news)


def _remember(session: Session, dealer: str, shop: str, news: Sequence[tuple[BinPolicy, Levels]], now_ms: int) -> None:
    numbers = tell_levels(session, dealer, shop, [levels for _, levels in news], now_ms)
    for row, levels in news:
        row.told_reorder_point, row.told_order_up_to = levels.reorder_point, levels.order_up_to
        row.told_number = numbers[shop, row.cabinet, row.bin, row.part]
        session.add(row)
    session.flush()


def aim_at(session: Session, person: SignedIn, at: tuple[str, str], said: Mapping[str, str | int], now_ms: int) -> None:
    """As `put_aim`; gateways for which that changes whose levels hold are told at once."""
    put_aim(session, person, at, said, now_ms)
    rows = tenant_rows(person.tenant, BinPolicy).with_only_columns(col(BinPolicy.shop_id)).distinct()
    shops = sorted(session.scalars(rows.where(col(BinPolicy.shop_id) == at[0]) if at[0] else rows))
    with as_service(session):
        aims = aims_of(session, person.dealer)
        for shop in shops:
            hold(session, shop)
            tell_shop(session, person.dealer, shop, aims, now_ms)


def follow_planogram(session: Session, shop: str, now_ms: int) -> None:
    """After a shop's planogram changed: drop policies of what is no longer there, hold the others to the capacity.

    The gateway is told too: should a part come back to the bin, nobody's old level stands there.
    """
    planned = {
        (row.cabinet, row.bin, row.part): row
        for row in session.exec(select(PlannedBin).where(col(PlannedBin.shop_id) == shop))
    }
    by_dealer: dict[str, list[tuple[BinPolicy, Levels]]] = {}
    gone: list[BinPolicy] = []
    for row in session.exec(select(BinPolicy).where(col(BinPolicy.shop_id) == shop)).all():
        here = planned.get((row.cabinet, row.bin, row.part))
        if here is None or here.dealer_id != row.dealer_id:
            gone.append(row)
            levels = (OWN, OWN)
        else:
            levels = _within(row, here.capacity)
        if row.told_order_up_to != OWN and levels != (row.told_reorder_point, row.told_order_up_to):
            news = by_dealer.setdefault(row.dealer_id, [])
            news.append((row, Levels(row.cabinet, row.bin, row.part, *levels)))
    for dealer, news in by_dealer.items():
        _remember(session, dealer, shop, news, now_ms)
    for row in gone:
        session.delete(row)
    _end_overrides(session, shop, planned, now_ms)
    session.flush()


def _within(row: BinPolicy, capacity: int) -> tuple[int, int]:
    """What was told, held to the capacity; what was computed is held to it as well."""
    if capacity > 0:
        row.order_up_to = min(row.order_up_to, capacity)
        row.reorder_point = min(row.reorder_point, max(row.order_up_to - 1, 0))
    if capacity <= 0 or row.told_order_up_to <= capacity:
        return row.told_reorder_point, row.told_order_up_to
    return min(row.told_reorder_point, max(capacity - 1, 0)), capacity


def _end_overrides(session: Session, shop: str, planned: dict[tuple[str, int, str], PlannedBin], now_ms: int) -> None:
    open_ = select(PolicyOverride).where(
        col(PolicyOverride.shop_id) == shop, col(PolicyOverride.ended_ms) == 0, col(PolicyOverride.until_ms) > now_ms
    )
    for row in session.exec(open_).all():
        here = planned.get((row.cabinet, row.bin, row.part))
        fits = here is not None and (here.capacity <= 0 or row.order_up_to <= here.capacity)
        if here is None or here.dealer_id != row.dealer_id or not fits:
            tell_override_end(session, row, now_ms)
            row.ended_ms, row.ended_by = now_ms, PLANOGRAM
            session.add(row)


PLANOGRAM = "planogram"  # stands where a person's name would: the bin is another


def tell_override_end(session: Session, row: PolicyOverride, now_ms: int) -> None:
    """A person's levels hold no longer: what was told without an end does again."""
    levels = Levels(row.cabinet, row.bin, row.part, OWN, OWN)
    tell_levels(session, row.dealer_id, row.shop_id, [levels], now_ms, until_ms=max(1, now_ms))


def drop_unplanned(session: Session, dealer: str) -> None:
    """Rows of shops that the dealer has left altogether."""
    planned = select(PlannedBin.shop_id).where(col(PlannedBin.dealer_id) == dealer).distinct()
    session.exec(delete(BinPolicy).where(col(BinPolicy.dealer_id) == dealer, col(BinPolicy.shop_id).not_in(planned)))
