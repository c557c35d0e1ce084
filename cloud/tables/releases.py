"""Releases of the controllers' firmware, what each cabinet runs, and rollouts with all that happened in them."""

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlmodel import Field

from cloud.tables.base import Table


class FirmwareBundle(Table, table=True):
    """The bytes of a signed bundle, by their SHA-256 in hex. No tenant's: what may be fetched its releases say."""

    __tablename__ = "firmware_bundle"

    digest: str = Field(primary_key=True)
    body: bytes = Field(sa_type=LargeBinary)


class FirmwareRelease(Table, table=True):
    """A version that somebody has put up. `dealer_id` None: the operator's, for every dealer."""

    __tablename__ = "firmware_release"
    __table_args__ = (Index("firmware_release_by_version", "version"),)

    id: str = Field(primary_key=True)
    dealer_id: str | None = Field(default=None, foreign_key="dealer.id", index=True)
    version: str
    digest: str  # of its bundle, written in the same transaction
    bytes: int = Field(sa_type=BigInteger)
    boards: str = ""  # joined by blanks; "": every board
    key: str = ""  # the name of the release key that signed it
    is_older: bool = False  # put up although a newer version stood
    notes_zh: str = ""
    notes_en: str = ""
    made_by: str = ""
    made_ms: int = Field(sa_type=BigInteger)
    withdrawn_by: str = ""
    withdrawn_ms: int = Field(default=0, sa_type=BigInteger)  # 0: it stands


class CabinetFirmware(Table, table=True):
    """What a cabinet's controller runs, by its gateway's newest word. No row: its gateway cannot update cabinets.

    `state` and the numbers are those of `upload_format.CabinetFirmware`.
    """

    __tablename__ = "cabinet_firmware"
    __table_args__ = ({"sqlite_with_rowid": False},)

    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    cabinet: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    version: str
    since_ms: int = Field(default=0, sa_type=BigInteger)  # when it was first said to run that
    slot: str = ""
    trial: bool = False
    wanted: str = ""
    state: str = ""
    reason: str = ""
    at_ms: int = Field(default=0, sa_type=BigInteger)
    number: int = Field(default=0, sa_type=BigInteger)
    board: str = ""
    got_bytes: int = Field(default=-1, sa_type=BigInteger)
    of_bytes: int = Field(default=-1, sa_type=BigInteger)
    starts: int = Field(default=-1, sa_type=BigInteger)
    reset_cause: str = ""
    sensor_errors: int = Field(default=-1, sa_type=BigInteger)
    days: str = "[]"  # JSON: [day since 1970, starts, of them by the watchdog, sensor errors]: all up to its end
    reported_ms: int = Field(sa_type=BigInteger)


class Rollout(Table, table=True):
    """A release on its way over a dealer's cabinets, in stages: one cabinet, a tenth, all.

    `state`: running | paused (by a person) | stopped (by itself, a person has to decide) | taken_back | ended | done.
    """

    __tablename__ = "firmware_rollout"

    id: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    release: str = Field(foreign_key="firmware_release.id")
    version: str
    digest: str
    bytes: int = Field(sa_type=BigInteger)
    downgrade: bool = False
    state: str
    stage: int = 0
    stage_ms: int = Field(sa_type=BigInteger)  # when the stage began
    soak_ms: int = Field(default=0, sa_type=BigInteger)  # since when its cabinets are only watched; 0: not yet
    soak_min: str = "[]"  # JSON: minutes that each stage is watched for
    pace: int = 20  # cabinets that are begun within an hour
    from_min: int = -1  # of the shop's day; -1: at any hour
    to_min: int = -1
    bad_percent: int = 5
    takes_back: bool = False  # confirmed cabinets are taken back as well when it stops
    why: str = ""  # JSON: the kind of why it stopped, and its figures
    made_by: str = ""
    made_ms: int = Field(sa_type=BigInteger)
    changed_ms: int = Field(sa_type=BigInteger)
    ended_ms: int = Field(default=0, sa_type=BigInteger)


class RolloutCabinet(Table, table=True):
    """A cabinet in a rollout, and how it was before: what its health is compared with.

    `state`: waiting | told | loading | trial | confirmed | returned | refused | gateway_old | controller_old |
    excluded | not_needed | calling_back | went_back | stays (nothing older is kept here to take it back to).
    """

    __tablename__ = "rollout_cabinet"
    __table_args__ = (Index("rollout_cabinet_by_place", "shop_id", "cabinet"), {"sqlite_with_rowid": False})

    rollout: str = Field(foreign_key="firmware_rollout.id", primary_key=True)
    shop_id: str = Field(foreign_key="shop.id", primary_key=True)
    cabinet: str = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    stage: int
    turn: int  # in which order, within its stage
    state: str
    reason: str = ""
    number: int = Field(default=0, sa_type=BigInteger)  # of the feed: the newest order to it
    told_ms: int = Field(default=0, sa_type=BigInteger)
    changed_ms: int = Field(default=0, sa_type=BigInteger)
    confirmed_ms: int = Field(default=0, sa_type=BigInteger)
    before: str = ""  # the version that it ran
    is_forgiven: bool = False  # bad, and a person has the rollout go on nevertheless
    marked_ms: int = Field(default=0, sa_type=BigInteger)  # when it was confirmed; until then when the rollout began
    starts: int = Field(default=0, sa_type=BigInteger)  # up to its mark, by the days of `cabinet_firmware`; as those:
    watchdogs: int = Field(default=0, sa_type=BigInteger)
    errors: int = Field(default=0, sa_type=BigInteger)
    blind: int = Field(default=0, sa_type=BigInteger)  # bins at its mark
    starts_ppm: int = Field(default=0, sa_type=BigInteger)  # in a million hours of the weeks before
    errors_ppm: int = Field(default=0, sa_type=BigInteger)


class RolloutStep(Table, table=True):
    """Something that happened in a rollout. Append-only. `shop_id` and `cabinet` "": to all of it."""

    __tablename__ = "rollout_step"
    __table_args__ = ({"sqlite_with_rowid": False},)

    rollout: str = Field(foreign_key="firmware_rollout.id", primary_key=True)
    number: int = Field(primary_key=True)
    dealer_id: str = Field(foreign_key="dealer.id", index=True)
    at_ms: int = Field(sa_type=BigInteger)
    what: str
    detail: str = ""
    by: str = ""  # "": by itself
    shop_id: str = ""
    cabinet: str = ""
