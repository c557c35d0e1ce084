"""Who told something: kept as an id or an account's word, never as a mechanic's name, and shown by name.

`person:<id>` is somebody of the shop, whose name stands in the shop's document alone; `user:<name>` is somebody who
signed in to the cloud; `gateway` and `document` speak for themselves. Pure.
"""

from typing import TYPE_CHECKING

from cloud.shop_plan import ShopPlan

if TYPE_CHECKING:
    from cloud.identity import SignedIn

_PERSON, _USER = "person:", "user:"
DOCUMENT = "document"


def user_source(person: "SignedIn") -> str:
    """Somebody signed in, as a source."""
    return f"{_USER}{person.name}"


def person_source(person: str) -> str:
    """Somebody of the shop, as a source; "" for nobody."""
    return f"{_PERSON}{person}" if person else ""


def source_name(source: str, plan: ShopPlan) -> str:
    """A source as people read it."""
    if source.startswith(_PERSON):
        return plan.person_name(source.removeprefix(_PERSON))
    return source.removeprefix(_USER) if source.startswith(_USER) else ""
