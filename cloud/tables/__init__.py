"""Every table of the cloud on one screen, and which of them are append-only.

Each row that belongs to a tenant carries `dealer_id`. These classes define tables and nothing else: who may open
which rows is `tenancy.py`, and how rows are written fast is `ingest.py`.
"""

from cloud.tables.base import METADATA, Table
from cloud.tables.evidence import (
    CabinetSession,
    Discrepancy,
    Event,
    ReadAgain,
    Request,
    RequestEnd,
    Resolution,
    ReZero,
    SetAside,
    Verdict,
)
from cloud.tables.intake import IngestQuarantine, UploadItem
from cloud.tables.ledger import Balance, Movement, Posting
from cloud.tables.people import Dealer, SignIn, User
from cloud.tables.schema import SchemaVersion
from cloud.tables.shops import Cabinet, CabinetStatus, Document, Gateway, GatewayEpoch, Shop

APPEND_ONLY: tuple[type[Table], ...] = (
    CabinetSession,
    Discrepancy,
    Document,
    Event,
    IngestQuarantine,
    Movement,
    Posting,
    ReadAgain,
    Request,
    RequestEnd,
    Resolution,
    ReZero,
    SetAside,
    UploadItem,
    Verdict,
)

TENANT_TABLES: tuple[type[Table], ...] = (
    *APPEND_ONLY,
    Balance,
    Cabinet,
    CabinetStatus,
    Gateway,
    GatewayEpoch,
    Shop,
    SignIn,
    User,
)

__all__ = [
    "APPEND_ONLY",
    "METADATA",
    "TENANT_TABLES",
    "Balance",
    "Cabinet",
    "CabinetSession",
    "CabinetStatus",
    "Dealer",
    "Discrepancy",
    "Document",
    "Event",
    "Gateway",
    "GatewayEpoch",
    "IngestQuarantine",
    "Movement",
    "Posting",
    "ReZero",
    "ReadAgain",
    "Request",
    "RequestEnd",
    "Resolution",
    "SchemaVersion",
    "SetAside",
    "Shop",
    "SignIn",
    "Table",
    "UploadItem",
    "User",
    "Verdict",
]
