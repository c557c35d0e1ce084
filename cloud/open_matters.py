"""Which discrepancies and requests are open: kept with the bookings, so that no page searches through all of them.

`keep` runs in the transaction that books; `find_all` makes the same from what is booked, for an older database.
"""

from collections.abc import Callable, Iterable

from edge_gateway.upload_format import DiscrepancyItem, RequestEndItem, RequestItem, ResolutionItem

Execute = Callable[[str, list[tuple[object, ...]]], None]  # a statement with places written as `?`, for many rows

_OPEN = (
    "INSERT INTO open_matter (shop_id, kind, id, dealer_id, cabinet, bin, part, since_ms) "
    "SELECT shop_id, '{kind}', id, dealer_id, cabinet, bin, part, {since} FROM {table} matter "
    "WHERE {these}NOT EXISTS (SELECT 1 FROM {end} WHERE {end}.shop_id = matter.shop_id AND {end}.{names} = matter.id) "
    "ON CONFLICT (shop_id, kind, id) DO NOTHING"
)
_DISCREPANCY = {
    "kind": "discrepancy", "table": "discrepancy", "since": "opened_ms", "end": "resolution", "names": "discrepancy",
}  # fmt: skip
_REQUEST = {"kind": "request", "table": "request", "since": "raised_ms", "end": "request_end", "names": "request"}
_THESE = "shop_id = ? AND id = ? AND "
_CLOSE = "DELETE FROM open_matter WHERE shop_id = ? AND kind = ? AND id = ?"


def keep(execute: Execute, shop: str, booked: Iterable[object]) -> None:
    """Open and close what these contents of a shop, just booked, open and close; in any order."""
    opened: dict[str, list[tuple[object, ...]]] = {"discrepancy": [], "request": []}
    closed: list[tuple[object, ...]] = []
    for content in booked:
        if isinstance(content, DiscrepancyItem):
            opened["discrepancy"].append((shop, content.id))
        elif isinstance(content, RequestItem):
            opened["request"].append((shop, content.id))
        elif isinstance(content, ResolutionItem):
            closed.append((shop, "discrepancy", content.discrepancy))
        elif isinstance(content, RequestEndItem):
            closed.append((shop, "request", content.request))
    for words in (_DISCREPANCY, _REQUEST):
        if rows := opened[words["kind"]]:
            execute(_OPEN.format(**words, these=_THESE), rows)
    if closed:
        execute(_CLOSE, closed)


def find_all() -> tuple[str, ...]:
    """The statements that fill an empty table from what is booked."""
    return tuple(_OPEN.format(**words, these="") for words in (_DISCREPANCY, _REQUEST))
