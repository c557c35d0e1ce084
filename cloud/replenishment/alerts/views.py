"""What people and programs are shown of alerts, and of the ways they are told. Values only."""

import json
from typing import Annotated, Any, Literal

from pydantic import Field

from cloud.replenishment.alerts.matters import Kind
from cloud.tables import Alert
from cloud.views import PartName, TimeMs, View

State = Literal["open", "ended", "all"]
Figure = Annotated[int | None, Field(description="null: this kind has no such figure, or it is not known")]


class AlertFigures(View):
    """What an alert's sentence is made of; each kind has some of them."""

    stock: Figure = Field(default=None, description="runs_out: what the bin surely holds", examples=[0])
    ppm: Figure = Field(default=None, description="runs_out: the chance of running short, parts per million")
    until_ms: Figure = Field(default=None, description="runs_out: until when that chance is; 0: no forecast")
    visit: str = Field(default="", description="runs_out: the shop's next planned visit")
    visit_day: str = Field(default="", description="its day, the shop's", examples=["2026-11-23"])
    brings: Figure = Field(default=None, description="1: that visit brings this part to this bin")
    bins: Figure = Field(default=None, description="sensor_blind: bins that give no weight")
    usual_ms: Figure = Field(default=None, description="no_contact: from how much silence on it is missed")
    shops: Figure = Field(default=None, description="no_contact of many: how many shops fell silent at once")
    of: Figure = Field(default=None, description="of how many")
    lost: Figure = Field(default=None, description="unexplained_loss: pieces or grams")
    times: Figure = Field(default=None, description="in how many bookings")
    days: Figure = Field(default=None, description="within so many days")
    rollout: str = Field(default="", description="rollout_stopped: the rollout", examples=["f-9d21c0aa17be"])
    version: str = Field(default="", examples=["0.3.0"])
    sign: str = Field(default="", description="what is bad with most cabinets", examples=["returned"])
    bad: Figure = Field(default=None, description="cabinets that are bad, `of` those begun")
    value_minor: Figure = Field(default=None, description="what that is worth; only for who may see prices")
    currency: str = Field(default="", examples=["CNY"])


class AlertView(View):
    """An alert with the names of what it is about."""

    id: str = Field(examples=["a-3f1c20aa9be1d2c4f7a0"])
    kind: Kind
    urgency: Literal[1, 2, 3] = Field(description="3: now, 2: today, 1: soon")
    shop: str = Field(description='"": several shops at once', examples=["shop-1"])
    shop_name: str = Field(examples=["老王汽修"])
    cabinet: str = Field(description='"": the shop\'s gateway, or several shops', examples=["cab-1"])
    cabinet_name_zh: str = ""
    cabinet_name_en: str = ""
    bin: int = Field(description="0: not about one bin", examples=[4])
    part: PartName | None
    since_ms: TimeMs = Field(description="when what it is about began")
    began_ms: TimeMs = Field(description="when it became an alert")
    ended_ms: int | None = Field(description="null: it holds")
    ended_why: str = Field(description="why it ended by itself", examples=["restocked"])
    seen_by: str = Field(description="who took it on; told to nobody any more", examples=["李经理"])
    seen_ms: int | None
    note: str
    figures: AlertFigures


class AlertCount(View):
    """How many alerts hold, for a mark beside the menu."""

    open: int = Field(ge=0, examples=[5])
    untaken: int = Field(ge=0, description="of them, those that nobody has taken on", examples=[2])


def figures_of(row: Alert, *, prices: bool) -> AlertFigures:
    """The figures of an alert; without what it is worth for who may not see prices."""
    told: dict[str, Any] = json.loads(row.detail or "{}")
    known = {name: value for name, value in told.items() if name in AlertFigures.model_fields}
    if not prices:
        known = {name: value for name, value in known.items() if name not in {"value_minor", "currency"}}
    return AlertFigures(**known)
