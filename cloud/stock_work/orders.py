"""Orders to a shop's gateway and what became of them.

An order goes down with the shop's feed and belongs to the dealer that gave it; its answer comes up with an upload.
Until then it is `waiting`: the cloud books nothing itself.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

from sqlmodel import Session, col
from sqlmodel.sql.expression import SelectOfScalar

from cloud.gate import as_service
from cloud.identity import SignedIn
from cloud.shop_feed import tell
from cloud.stock_views import OrderView
from cloud.tables import FeedAnswer, ShopFeed
from cloud.tenancy import TenantId, owned, tenant_rows
from edge_gateway.feed_format import Order, Told, read_entry, told

State = Literal["waiting", "done", "refused", "withdrawn"]
STATES: tuple[str, ...] = get_args(State)
LOOKED_THROUGH_MAX = 1000


class GivenOrder(NamedTuple):
    """An order as it was given, and what became of it."""

    entry: Told
    view: OrderView
    answer: FeedAnswer | None


def give(session: Session, person: SignedIn, shop: str, order: Order, now_ms: int) -> int:
    """Tell the shop's gateway in the open transaction; the number in its feed."""
    with as_service(session):
        return tell(session, shop, *told(order), now_ms, dealer=person.tenant.dealer)


def with_answers(tenant: TenantId) -> SelectOfScalar[ShopFeed]:
    """What was told to a tenant's gateways, each joined to its answer where there is one."""
    return tenant_rows(tenant, ShopFeed).join(
        FeedAnswer,
        (col(FeedAnswer.shop_id) == col(ShopFeed.shop_id))
        & (col(FeedAnswer.number) == col(ShopFeed.number))
        & owned(tenant, FeedAnswer),
        isouter=True,
    )


def given(session: Session, tenant: TenantId, kind: str, shops: Iterable[str], since_ms: int = 0) -> list[GivenOrder]:
    """The orders of a kind to some shops, the last given first."""
    rows = (
        with_answers(tenant)
        .where(col(ShopFeed.kind) == kind, col(ShopFeed.shop_id).in_(list(shops)), col(ShopFeed.made_ms) >= since_ms)
        .order_by(col(ShopFeed.made_ms).desc(), col(ShopFeed.number).desc())
        .limit(LOOKED_THROUGH_MAX)
        .with_only_columns(ShopFeed, FeedAnswer)
    )
    return [_given(row[0], row[1]) for row in session.execute(rows)]


def _given(row: ShopFeed, answer: FeedAnswer | None) -> GivenOrder:
    return GivenOrder(read_entry(row.kind, row.body), order_view(row.shop_id, row.number, row.made_ms, answer), answer)


def order_view(shop: str, number: int, told_ms: int, answer: FeedAnswer | None) -> OrderView:
    """What became of an order."""
    state: State = "waiting"
    if answer is not None:
        state = answer.outcome if answer.outcome in STATES else "done"  # type: ignore[assignment]
    return OrderView(
        shop=shop,
        number=number,
        state=state,
        why=answer.why if answer else "",
        movement=answer.movement if answer else "",
        told_ms=told_ms,
        answered_ms=answer.answered_ms if answer else None,
    )
