"""Who is behind a way: an e-mail may be somebody's who sees certain shops alone, or no prices, or who has left.

The cloud's own work: it says by the way's dealer whose people it means.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from cloud.rights import RIGHTS_OF, SHOP_ROLES
from cloud.tables import Alert, AlertWay, Membership, User


@dataclass(frozen=True, slots=True)
class Recipient:
    """What may be told by a way. `shops` None: every shop's, none: nothing."""

    shops: frozenset[str] | None = None
    prices: bool = True

    def wants(self, way: AlertWay, alert: Alert) -> bool:
        """Whether an alert is told by the way, as it is chosen and as its reader may see."""
        kinds, chosen = way.kinds.split(), frozenset(way.shops.split("\n")) - {""}
        if kinds and alert.kind not in kinds:
            return False
        if chosen and alert.shop_id not in chosen:
            return False
        return self.shops is None or alert.shop_id in self.shops


def recipients(session: Session, ways: Iterable[AlertWay]) -> dict[str, Recipient]:
    """By way, who is behind it."""
    known = {way.id: way for way in ways}
    mails = {way.address for way in known.values() if way.kind == "mail"}
    rows = session.execute(
        select(User.email, Membership)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(col(User.email).in_(mails))
        .order_by(col(Membership.ended_ms) == 0)  # whoever is there again counts as that
    )
    members = {(row[1].dealer_id, row[0]): row[1] for row in rows}
    return {way.id: _recipient(members.get((way.dealer_id, way.address))) for way in known.values()}


def _recipient(member: Membership | None) -> Recipient:
    if member is None:
        return Recipient()
    if member.ended_ms:
        return Recipient(frozenset(), prices=False)
    role = next((role for role in RIGHTS_OF if role == member.role), None)
    prices = role is not None and "see_prices" in RIGHTS_OF[role]
    shops = frozenset(member.shops.split("\n")) - {""} if member.role in SHOP_ROLES else None
    return Recipient(shops, prices)
