"""Devices by certificate: who signs, who was let in by which code, what was issued, and everything that happened."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from cloud.tables.base import Table


class CloudAuthority(Table, table=True):
    """Who signs gateways' certificates: one for the whole cloud, its key sealed by the cloud's secret."""

    __tablename__ = "cloud_authority"

    id: int = Field(default=1, primary_key=True)
    certificate: str  # PEM
    sealed: bytes
    made_ms: int = Field(sa_type=BigInteger)


class EnrolmentCode(Table, table=True):
    """A code that lets one gateway in, for minutes and once. Of its secret there is a keyed digest only."""

    __tablename__ = "enrolment_code"

    id: int | None = Field(default=None, primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    shop_id: str = Field(foreign_key="shop.id", index=True)
    name: str = Field(unique=True)  # the part of it that may be said
    digest: bytes
    made_by: str
    made_ms: int = Field(sa_type=BigInteger)
    expires_ms: int = Field(sa_type=BigInteger)
    tries: int = 0  # wrong ones
    withdrawn_ms: int = Field(default=0, sa_type=BigInteger)
    used_ms: int = Field(default=0, sa_type=BigInteger)  # 0: not yet
    serial: str = ""  # of the certificate it gave


class GatewayCertificate(Table, table=True):
    """A certificate of a gateway. Good while nobody revoked it and its time is not over."""

    __tablename__ = "gateway_certificate"

    serial: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    shop_id: str = Field(foreign_key="shop.id", index=True)
    gateway_id: str = Field(index=True)
    public_key: bytes  # SubjectPublicKeyInfo
    der: bytes
    by_code: bool  # or by the certificate before it
    issued_ms: int = Field(sa_type=BigInteger)
    not_after_ms: int = Field(sa_type=BigInteger)
    revoked_ms: int = Field(default=0, sa_type=BigInteger)  # 0: in force
    why: str = ""


class CabinetCertificate(Table, table=True):
    """A certificate that a shop's gateway gave a cabinet, as the gateway told; revoked here or there."""

    __tablename__ = "cabinet_certificate"

    serial: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    cabinet: str
    der: str  # base64
    issued_ms: int = Field(sa_type=BigInteger)
    not_after_ms: int = Field(sa_type=BigInteger)
    revoked_ms: int = Field(default=0, sa_type=BigInteger)  # 0: in force
    why: str = ""


class ShopDeposit(Table, table=True):
    """What a new gateway of the shop needs so that no cabinet is touched, sealed by the cloud's secret."""

    __tablename__ = "shop_deposit"

    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    sha256: str  # of what was deposited
    authority: str  # the fingerprint of the shop's authority
    sealed: bytes
    deposited_ms: int = Field(sa_type=BigInteger)


class DeviceEvent(Table, table=True):
    """What happened to a device or was tried in its name. Append-only; never holds a key or a code's secret.

    `dealer_id` None: nobody's, such as a code that was never made.
    """

    __tablename__ = "device_event"
    __table_args__ = (Index("device_event_by_time", "dealer_id", "at_ms"),)

    id: int | None = Field(default=None, primary_key=True)
    dealer_id: str | None = Field(default=None)
    shop_id: str = ""
    at_ms: int = Field(sa_type=BigInteger)
    what: str  # such as enrolled
    target: str = ""  # such as gateway gw-1
    address: str = ""  # from where
    detail: str = ""
