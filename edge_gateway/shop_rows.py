"""What the kiosk shows of the shop: values only, as `shop_view.py` returns them.

Every one is frozen and can be compared, so that a page can tell whether anything has changed.
"""

import json
from dataclasses import dataclass
from typing import Any

from edge_gateway.shop_document import Cabinet, Job, Part
from edge_gateway.upload_format import CabinetStatus, GatewayStatus


@dataclass(frozen=True, slots=True)
class Line:
    """What a session did to one bin: `change` is the bin's, corrections counted in; `booked` without them."""

    movement: str
    cause: str
    part: Part
    bin: int
    change: int
    booked: int
    confidence_ppm: int


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part in a bin: what the ledger says is there, and what the planogram says of it.

    `places`: where it belongs, as (cabinet, bin), the nearest first, when it strayed into this bin; None: it belongs
    here. `reorder_point` and `order_up_to` are those in force; `told`: by the cloud's policy, or by a person's override
    until `until_ms`.
    """

    part: Part
    stock: int
    capacity: int = 0
    reorder_point: int = 0
    requested: int = 0
    places: tuple[tuple[str, int], ...] | None = None
    order_up_to: int = 0
    told: bool = False
    until_ms: int = 0


@dataclass(frozen=True, slots=True)
class BinRow:
    """One bin: its parts by the planogram, those that strayed into it, and what is open about it."""

    bin: int
    parts: tuple[PartRow, ...]
    questions: int


@dataclass(frozen=True, slots=True)
class Question:
    """A discrepancy that is still open. `detail` is what the reconciliation noted about it, as sorted pairs.

    `part` None: it is about no part, or about several; `held` are all parts that may be counted in its bin.
    """

    id: str
    cabinet: Cabinet
    bin: int
    part: Part | None
    session: str
    person: str
    reason: str
    opened_ms: int
    held: tuple[PartRow, ...]
    detail: tuple[tuple[str, Any], ...]

    def noted(self, key: str) -> Any:
        """One value of the detail, None when it is not there."""
        return dict(self.detail).get(key)


@dataclass(frozen=True, slots=True)
class Session:
    """A session as people see it. `closed_ms` 0: still open. `jobs` are those charged, `uncharged` is left."""

    id: str
    cabinet: Cabinet
    person: str
    person_name: str
    opened_by: str
    how: str
    missing: str
    opened_ms: int
    closed_ms: int
    lines: tuple[Line, ...]
    jobs: tuple[Job, ...]
    uncharged: bool
    questions: int

    @property
    def recovered(self) -> bool:
        """Whether a power cut tore it, so that something may be missing."""
        return self.how == "recovered"


@dataclass(frozen=True, slots=True)
class CabinetStock:
    """A cabinet and its bins."""

    cabinet: Cabinet
    bins: tuple[BinRow, ...]


@dataclass(frozen=True, slots=True)
class CabinetNow:
    """How a cabinet is: what the gateway reports of it, and when a bin was last weighed."""

    cabinet: Cabinet
    status: CabinetStatus
    weighed_ms: int


@dataclass(frozen=True, slots=True)
class ShopNow:
    """How the gateway is: what it reports, when its document came, and every cabinet the document names."""

    status: GatewayStatus
    document_ms: int
    cabinets: tuple[CabinetNow, ...]


@dataclass(frozen=True, slots=True)
class AtKiosk:
    """The person whose badge opened a cabinet last."""

    session: str
    person: str
    name: str
    opened_ms: int


def noted_pairs(detail: str) -> tuple[tuple[str, Any], ...]:
    """A JSON object as sorted pairs that can be compared; lists become tuples."""
    try:
        found = json.loads(detail) if detail else {}
    except ValueError:
        return (("unreadable", detail[:80]),)
    if not isinstance(found, dict):
        return ()
    return tuple(sorted((str(key), _frozen(value)) for key, value in found.items()))


def _frozen(value: Any) -> Any:
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value
