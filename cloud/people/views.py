"""What the API and the pages show of people, links, sign-ins, tokens and dealers. Never a password, a key or a code."""

from typing import Annotated

from pydantic import Field

from cloud.rights import Right, Role
from cloud.views import AgeMs, Count, TimeMs, View

Cursor = Annotated[str, Field(description="for the next page; empty: this was the last", examples=["42"])]
Shops = Annotated[list[str], Field(description="whose rows they see alone; empty: all", examples=[["shop-1"]])]


class MembershipView(View):
    """One of the dealers somebody may act for."""

    id: int = Field(examples=[7])
    dealer: str = Field(description="empty for an operator", examples=["dealer-1"])
    dealer_name: str = Field(examples=["远程配件"])
    role: Role
    current: bool = Field(description="whom this sign-in acts for now")


class SignInView(View):
    """A browser that is signed in."""

    id: str = Field(description="not its cookie", examples=["Yk3vQ1rT"])
    browser: str = Field(description="as it calls itself", examples=["Mozilla/5.0 (Linux; Android 14)"])
    address: str = Field(examples=["203.0.113.7"])
    dealer_name: str = Field(examples=["远程配件"])
    started_ms: TimeMs
    last_seen_ms: TimeMs = Field(description="to ten minutes")
    expires_ms: TimeMs
    current: bool = Field(description="the one that asks")


class MemberView(View):
    """Somebody who may sign in for the dealer."""

    id: int = Field(examples=[7])
    email: str = Field(examples=["li@dealer.example"])
    name: str = Field(examples=["李经理"])
    role: Role
    shops: Shops
    brand: str = Field(description="whose totals they see; for the role brand alone", examples=[""])
    since_ms: int = Field(description="milliseconds since 1970-01-01 UTC; 0: not known", examples=[1794873600000])
    last_seen_age_ms: AgeMs
    locked_out: bool = Field(description="too many wrong passwords in the last minutes")
    you: bool


class Members(View):
    """A page of members."""

    members: list[MemberView]
    cursor: Cursor


class InvitationView(View):
    """An invitation that nobody has accepted yet."""

    id: int = Field(examples=[3])
    email: str = Field(examples=["wang@dealer.example"])
    role: Role
    shops: Shops
    brand: str = Field(examples=[""])
    made_by: str = Field(examples=["李经理"])
    made_ms: TimeMs
    expires_ms: TimeMs


class Invitations(View):
    """A page of invitations."""

    invitations: list[InvitationView]
    cursor: Cursor


class LinkMade(View):
    """A link that works once. Empty when it went out by mail: then nobody here gets to see it."""

    id: int = Field(examples=[3])
    link: str = Field(examples=["https://parts.dealer.example/invitation/0p6r…"])
    mailed: bool
    expires_ms: TimeMs


class TokenView(View):
    """An API token; what it is nobody can be shown again."""

    id: int = Field(examples=[5])
    name: str = Field(examples=["ERP"])
    maker: str = Field(examples=["李经理"])
    rights: list[Right]
    made_ms: TimeMs
    expires_ms: TimeMs
    last_used_age_ms: AgeMs


class Tokens(View):
    """A page of tokens that are good."""

    tokens: list[TokenView]
    cursor: Cursor


class TokenMade(View):
    """A new token, shown this once."""

    id: int = Field(examples=[5])
    token: str = Field(description="for Authorization: Bearer", examples=["pbt_XG3…"])
    expires_ms: TimeMs


class LinkTold(View):
    """What somebody with a link is to know before using it."""

    email: str = Field(examples=["wang@dealer.example"])
    dealer_name: str = Field(description="empty for a new password", examples=["远程配件"])
    role: Role | None
    has_account: bool = Field(description="then sign in with it and accept; else choose a name and a password")
    expires_ms: TimeMs


class DealerView(View):
    """What an operator sees of a dealer: never one of its rows."""

    id: str = Field(examples=["dealer-1"])
    name: str = Field(examples=["远程配件"])
    closed: bool
    has_admin: bool = Field(description="without one an operator may invite the first")
    gateways: Count
    last_contact_age_ms: AgeMs = Field(description="of the gateway that was heard of last")


class Dealers(View):
    """A page of dealers, and what the database is."""

    dealers: list[DealerView]
    cursor: Cursor
    schema_version: int = Field(examples=[3])
