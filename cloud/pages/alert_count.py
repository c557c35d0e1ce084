"""How many alerts nobody has taken on, for the mark in the menu: asked seldom, however many pages are open."""

from weakref import WeakKeyDictionary

from sqlalchemy import Pool

from cloud.identity import SignedIn
from cloud.replenishment.alerts import listing
from cloud.services import Services
from cloud.tenancy import TenantId

EVERY_S = 10.0
KEPT_MS = 5_000
_kept: "WeakKeyDictionary[Pool, dict[TenantId, tuple[int, int]]]" = WeakKeyDictionary()  # of each database


def untaken_alerts(services: Services, person: SignedIn) -> int:
    """How many alerts of somebody's dealer hold and are nobody's; 0 for who may not see them."""
    if not person.may("see_alerts"):
        return 0
    kept = _kept.setdefault(services.database.engine.pool, {})
    until_ms, count = kept.get(person.tenant, (0, 0))
    if services.now_ms() >= until_ms:
        with services.database.reading_as(person.tenant) as session:
            count = listing.count(session, person.tenant).untaken
        kept[person.tenant] = services.now_ms() + KEPT_MS, count
    return count


def forget_count(services: Services, dealer: str) -> None:
    """Ask anew the next time: somebody has just taken one on."""
    kept = _kept.setdefault(services.database.engine.pool, {})
    for tenant in [each for each in kept if each.dealer == dealer]:
        kept.pop(tenant, None)
