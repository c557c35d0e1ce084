"""Alerts: what somebody must know, once each, who has seen it, and how it was delivered."""

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlmodel import Field

from cloud.tables.base import Table


class Alert(Table, table=True):
    """One matter that somebody must know of. One is open for a matter at most; what ends by itself gets `ended_ms`.

    `kind`: runs_out | sensor_blind | no_contact | unexplained_loss | rollout_stopped.
    `matter` names what it is about within its kind.
    `shop_id` "": several shops at once.
    """

    __tablename__ = "alert"
    __table_args__ = (
        Index("alert_open", "dealer_id", "kind", "shop_id", "matter", "ended_ms", unique=True),
        Index("alert_by_time", "dealer_id", "began_ms"),
        Index("alert_by_end", "dealer_id", "ended_ms"),
    )

    id: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id")
    shop_id: str
    kind: str
    matter: str
    cabinet: str = ""
    bin: int = 0
    part: str = ""
    urgency: int = 1  # 3: now, 2: today, 1: soon
    detail: str = ""  # JSON: the figures of its sentence
    since_ms: int = Field(sa_type=BigInteger)  # when what it is about began
    began_ms: int = Field(sa_type=BigInteger)  # when it became an alert
    changed_ms: int = Field(sa_type=BigInteger)
    ended_ms: int = Field(default=0, sa_type=BigInteger)  # 0: it holds
    ended_why: str = ""
    seen_by: str = ""  # who took it on; told to nobody any more
    seen_ms: int = Field(default=0, sa_type=BigInteger)
    note: str = ""


class AlertWay(Table, table=True):
    """A way by which a dealer's alerts are told: to an e-mail address or to a program by signed webhook."""

    __tablename__ = "alert_way"

    id: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    kind: str  # mail | webhook
    address: str
    kinds: str = ""  # of alerts, joined by blanks; "": all
    shops: str = ""  # joined by line ends; "": all
    quiet_from_min: int = -1  # of the shop's day; -1: no quiet hours
    quiet_to_min: int = -1
    language: str = "zh"
    sealed: bytes = Field(default=b"", sa_type=LargeBinary)  # a webhook's secret, unreadable without the cloud's own
    made_by: str = ""
    made_ms: int = Field(sa_type=BigInteger)
    ended_ms: int = Field(default=0, sa_type=BigInteger)


class AlertTold(Table, table=True):
    """An alert on one way: once. `told_ms` 0: it waits, for the end of quiet hours or for another attempt."""

    __tablename__ = "alert_told"
    __table_args__ = (Index("alert_told_due", "told_ms", "given_up_ms", "due_ms"), {"sqlite_with_rowid": False})

    alert: str = Field(foreign_key="alert.id", primary_key=True)
    way: str = Field(foreign_key="alert_way.id", primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    since_ms: int = Field(sa_type=BigInteger)  # when it was due first, later by quiet hours
    due_ms: int = Field(sa_type=BigInteger)  # when it is tried next
    told_ms: int = Field(default=0, sa_type=BigInteger)
    given_up_ms: int = Field(default=0, sa_type=BigInteger)  # it was tried for long enough
    attempts: int = 0
    error: str = ""  # of the last attempt


class AlertWatch(Table, table=True):
    """What judging remembers of a matter: since when its condition holds, and when it was last seen to hold."""

    __tablename__ = "alert_watch"
    __table_args__ = ({"sqlite_with_rowid": False},)

    dealer_id: str = Field(foreign_key="dealer.id", primary_key=True)
    kind: str = Field(primary_key=True)
    shop_id: str = Field(primary_key=True)
    matter: str = Field(primary_key=True)
    since_ms: int = Field(sa_type=BigInteger)
    seen_ms: int = Field(sa_type=BigInteger)


class ContactRhythm(Table, table=True):
    """How long a gateway or a cabinet is usually silent. `source`: a cabinet, "" for the shop's gateway."""

    __tablename__ = "contact_rhythm"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    source: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    quiet_since_ms: int = Field(default=0, sa_type=BigInteger)  # 0: it is heard of
    gaps: str = "[]"  # JSON: [began_ms, ended_ms] of the last silences that ended by themselves


class CloudTurn(Table, table=True):
    """Whose turn it is among the cloud's processes to do what is to be done once. Not a tenant's."""

    __tablename__ = "cloud_turn"
    __table_args__ = ({"sqlite_with_rowid": False},)

    name: str = Field(primary_key=True)
    holder: str = ""
    until_ms: int = Field(default=0, sa_type=BigInteger)  # a process that was killed lets go then
    ran_ms: int = Field(default=0, sa_type=BigInteger)
    away: str = "[]"  # JSON: [from_ms, to_ms] of the last times in which the cloud itself heard nobody
