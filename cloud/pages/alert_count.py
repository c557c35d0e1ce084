"""How many alerts nobody has taken on, for the mark in the menu: asked seldom, however many pages are open."""

from weakref import WeakKeyDictionary

from sqlalchemy import Pool

from cloud.identity import SignedIn
from cloud.replenishment.alerts import listing
from cloud.services import Services

EVERY_S = 10.0
KEPT_MS = 5_000
_kept: "WeakKeyDictionary[Pool, dict[str, tuple[int, int]]]" = WeakKeyDictionary()  # of each database: by dealer


def untaken_alerts(services: Services, person: SignedIn) -> int:
    """How many alerts of somebody's dealer hold and are nobody's; 0 for who may not see them."""
    if not person.may("see_alerts"):
        return 0
    kept = _kept.setdefault(services.database.engine.pool, {})
    until_ms, count = kept.get(person.dealer, (0, 0))
    if services.now_ms() >= until_ms:
        with services.database.reading_as(person.tenant) as session:
            count = listing.count(session, person.tenant).untaken
        kept[person.dealer] = services.now_ms() + KEPT_MS, count
    return count


def forget_count(services: Services, dealer: str) -> None:
    """Ask anew the next time: somebody has just taken one on."""
    _kept.setdefault(services.database.engine.pool, {}).pop(dealer, None)
