"""What the cloud tells a shop's gateway, in order and resumable by number: jobs, and orders to be carried out.

The gateway fetches what lies behind the last number it has (`api/gateways.py`) and answers each order in its upload.
A number is the time it was given, and always above the one before. So a cloud that was put back from a backup gives no
number a second time: what it tells then lies behind all that its gateways have.
"""

from sqlmodel import Session, col, select

from cloud.tables import Shop, ShopFeed


def hold(session: Session, shop: str) -> Shop:
    """The shop, of whose feed nobody else tells until the transaction ends: what is read from now on stays so."""
    locked = select(Shop).where(col(Shop.id) == shop).with_for_update()
    # Read again: somebody else may have told since this transaction first saw the shop.
    return session.exec(locked.execution_options(populate_existing=True)).one()


def tell(session: Session, shop: str, kind: str, body: str, now_ms: int, *, dealer: str = "") -> int:
    """Append one entry to a shop's feed in the open transaction; its number. The shop's row is the lock.

    `dealer`: whose order it is, who alone sees it and its answer; "" for the shop's host.
    """
    row = hold(session, shop)
    row.feed_number = max(row.feed_number + 1, now_ms)
    session.add(
        ShopFeed(
            shop_id=shop,
            number=row.feed_number,
            dealer_id=dealer or row.dealer_id,
            kind=kind,
            body=body,
            made_ms=now_ms,
        )
    )
    session.flush()
    return row.feed_number
