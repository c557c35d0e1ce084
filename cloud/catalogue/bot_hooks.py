"""Chat robots of a dealer: made and withdrawn by an admin, their secrets sealed under the cloud's own.

What a robot is signed with is shown once, when it is made. In the database it is unreadable without the cloud's
`secret`; whoever changes that makes new robots.
"""

import base64
import hashlib
import json
import secrets
import string
from collections.abc import Mapping
from typing import Annotated, Final, Literal

from cryptography.fernet import Fernet, InvalidToken
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col

from cloud.audit import record
from cloud.identity import SignedIn
from cloud.tables import BotHook, Shop
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from cloud.views import AgeMs, TimeMs, View

Kind = Literal["plain", "wecom", "dingtalk", "feishu"]
ROBOTS_MAX: Final = 50
_AES_KEY_CHARACTERS: Final = 43
# What each chat gives its owner, to be told here; what is not in it is made here.
TOLD: Final[Mapping[Kind, tuple[str, ...]]] = {
    "plain": (),
    "wecom": (),
    "dingtalk": ("app_secret",),
    "feishu": ("app_id", "app_secret", "verification_token", "encrypt_key"),
}


class RobotError(ValueError):
    """A robot that cannot be made; the text says what was expected and what was found."""


class NewRobot(BaseModel):
    """A robot to make."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$", examples=["维修群"])
    kind: Kind
    shops: list[Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]] = Field(
        default=[], max_length=200, description="whose stock it tells alone; empty: every shop", examples=[["shop-1"]]
    )
    told: dict[str, Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        default={},
        description="what the chat gave you. dingtalk: app_secret; feishu: app_id, app_secret, verification_token, "
        "encrypt_key; others: nothing",
        examples=[{}],
    )


class RobotView(View):
    """A robot that may ask."""

    id: str = Field(examples=["r-4kq2m7xw3pbd8s6h"])
    name: str = Field(examples=["维修群"])
    kind: Kind
    shops: list[str]
    address: str = Field(description="where the chat sends to, behind the cloud's own address")
    made_ms: TimeMs
    last_asked_age_ms: AgeMs


class RobotMade(RobotView):
    """A new robot with its secrets, which are shown here alone."""

    secrets: dict[str, str] = Field(examples=[{"secret": "shown once"}])


def make(session: Session, person: SignedIn, wanted: NewRobot, seal: "Seal", now_ms: int) -> RobotMade:
    """A new robot (`RobotError`, `NotFoundError`)."""
    tenant = person.tenant
    _check(session, tenant, wanted)
    kept = _made_secrets(wanted)
    row = BotHook(
        id="r-" + "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(20)),
        dealer_id=tenant.dealer,
        name=wanted.name.strip(),
        kind=wanted.kind,
        shops="\n".join(sorted(set(wanted.shops))),
        sealed=seal.closed(kept),
        made_by=person.user_id,
        made_ms=now_ms,
    )
    session.add(row)
    record(session, person, now_ms, action="robot.made", target=f"robot {row.id} {row.name}", after=row.kind)
    shown = {name: value for name, value in kept.items() if name not in TOLD[wanted.kind]}
    return RobotMade(**_view(row, now_ms).model_dump(), secrets=shown)


def _check(session: Session, tenant: TenantId, wanted: NewRobot) -> None:
    missing = sorted(set(TOLD[wanted.kind]) - wanted.told.keys())
    beyond = sorted(wanted.told.keys() - set(TOLD[wanted.kind]))
    if missing or beyond:
        expected = ", ".join(TOLD[wanted.kind]) or "nothing"
        raise RobotError(
            f"expected {expected} for a robot of {wanted.kind}, found {', '.join(wanted.told) or 'nothing'}"
        )
    own = tenant_rows(tenant, Shop).where(col(Shop.id).in_(wanted.shops)).with_only_columns(col(Shop.id))
    unknown = sorted(set(wanted.shops) - set(session.execute(own).scalars()))
    if unknown:
        raise NotFoundError(f"expected shops of yours, found {unknown[0]!r}")
    standing = tenant_rows(tenant, BotHook).where(col(BotHook.ended_ms) == 0)
    if len(session.exec(standing).all()) >= ROBOTS_MAX:
        raise RobotError(f"expected at most {ROBOTS_MAX} robots, found as many: withdraw one first")


def _made_secrets(wanted: NewRobot) -> dict[str, str]:
    if wanted.kind == "plain":
        return {"secret": secrets.token_urlsafe(32)}
    if wanted.kind == "wecom":
        letters = string.ascii_letters + string.digits
        # The last character of 43 stands for four bits of the key and two that must be nothing.
        key = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        while not key.isalnum():
            key = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        return {"token": "".join(secrets.choice(letters) for _ in range(32)), "aes_key": key[:_AES_KEY_CHARACTERS]}
    return dict(wanted.told)


def robots(session: Session, tenant: TenantId, now_ms: int) -> list[RobotView]:
    """The robots that may ask, the newest first."""
    rows = tenant_rows(tenant, BotHook).where(col(BotHook.ended_ms) == 0)
    return [_view(row, now_ms) for row in session.exec(rows.order_by(col(BotHook.made_ms).desc(), col(BotHook.id)))]


def withdraw(session: Session, person: SignedIn, robot: str, now_ms: int) -> None:
    """Let a robot ask no longer, from now on (`NotFoundError`)."""
    rows = tenant_rows(person.tenant, BotHook).where(col(BotHook.id) == robot, col(BotHook.ended_ms) == 0)
    row = session.exec(rows).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a robot of yours, found {robot!r}")
    row.ended_ms, row.sealed = now_ms, b""
    record(session, person, now_ms, action="robot.withdrawn", target=f"robot {row.id} {row.name}", before=row.kind)


def _view(row: BotHook, now_ms: int) -> RobotView:
    kind: Kind = next(kind for kind in TOLD if kind == row.kind)
    return RobotView(
        id=row.id,
        name=row.name,
        kind=kind,
        shops=[shop for shop in row.shops.split("\n") if shop],
        address=f"/api/bot/{row.id}",
        made_ms=row.made_ms,
        last_asked_age_ms=now_ms - row.last_asked_ms if row.last_asked_ms else None,
    )


class Seal:
    """Closes and opens secrets of one purpose, by the cloud's own secret; a robot's, when nothing else is said."""

    def __init__(self, secret: str, purpose: str = "chat robots") -> None:
        key = hashlib.sha256(f"{purpose}\n{secret}".encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def closed(self, kept: Mapping[str, str]) -> bytes:
        """As it is stored."""
        return self._fernet.encrypt(json.dumps(dict(kept)).encode())

    def opened(self, sealed: bytes) -> dict[str, str]:
        """The secrets (`RobotError` when the cloud's secret is another by now)."""
        try:
            told: dict[str, str] = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken:
            raise RobotError("expected a robot made under this cloud's secret, found another: make it anew") from None
        return told
