"""What people and programs are shown of rollouts, and what they say to begin one. Values only."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cloud.views import AgeMs, Count, TimeMs, View

State = Literal["running", "paused", "stopped", "taken_back", "ended", "done"]
CabinetState = Literal[
    "waiting", "told", "loading", "trial", "confirmed", "returned", "refused", "gateway_old", "controller_old",
    "excluded", "not_needed", "calling_back", "went_back", "stays",
]  # fmt: skip
Sign = Literal["returned", "refused", "silent", "restarts", "watchdog", "blind", "sensor_errors", "person"]
Minute = Annotated[int | None, Field(ge=0, lt=1440, description="of the shop's day; null: at any hour")]
Name = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
SOAK_MIN_MAX = 60 * 24 * 30


class Asked(BaseModel):
    """What somebody says. An unknown field is refused."""

    model_config = ConfigDict(extra="forbid")


class NewRollout(Asked):
    """A rollout to begin: which release, how carefully, and when."""

    release: Name = Field(examples=["r-4kq2m7xw3pbd8s6h"])
    soak_min: list[Annotated[int, Field(ge=0, le=SOAK_MIN_MAX)]] = Field(
        default=[1440, 1440, 1440],
        min_length=1,
        max_length=3,
        description="for how many minutes each stage is watched before the next begins",
    )
    pace: int = Field(default=20, ge=1, le=1000, description="cabinets begun within an hour, at most")
    from_min: Minute = Field(default=None, examples=[1140])
    to_min: Minute = Field(default=None, examples=[420])
    bad_percent: int = Field(default=5, ge=0, le=50, description="more of the cabinets begun than this stop it")
    takes_back: bool = Field(
        default=False, description="when it stops by itself, order cabinets that run the release back as well"
    )
    downgrade: bool = Field(default=False, description="the release is older than what runs, and that is meant")
    leave_out: list[Name] = Field(default=[], max_length=200, description="shops that are left out")


class Place(Asked):
    """A cabinet of a rollout, or a whole shop."""

    shop: Name = Field(min_length=1, examples=["shop-1"])
    cabinet: Name = Field(default="", description='"": every cabinet of the shop', examples=["cab-1"])


class Cause(View):
    """Why a rollout stopped."""

    kind: Sign = Field(examples=["returned"])
    bad: Count = Field(description="cabinets that are bad")
    of: Count = Field(description="of those that were begun")
    stage: Count
    signs: list[tuple[Sign, int]] = Field(description="what is bad with how many, the commonest first")
    by: str = Field(default="", description="who stopped it", examples=["李经理"])


class StageView(View):
    """A stage of a rollout, by number from 0."""

    stage: Count
    cabinets: Count
    through: Count = Field(description="run the release, or did already")
    under_way: Count
    bad: Count
    waiting: Count
    out: Count = Field(description="left out, or cannot be updated this way")
    soak_min: Count = Field(description="for so long it is watched")
    state: Literal["ahead", "under_way", "watched", "over"]
    soak_left_ms: int | None = Field(description="how long it is still watched; null: not now")


class RolloutLine(View):
    """A rollout in the list."""

    id: str = Field(examples=["f-9d21c0aa17be"])
    release: str
    version: str = Field(examples=["0.3.0"])
    state: State
    stage: Count
    stages: Count
    cabinets: Count
    through: Count
    bad: Count
    out_of_reach: Count = Field(description="cabinets whose gateway must be updated before it can update them")
    why: Cause | None
    made_by: str
    made_ms: TimeMs
    changed_ms: TimeMs
    ended_ms: int | None = Field(description="null: it is not over")


class CabinetLine(View):
    """A cabinet in a rollout."""

    shop: str = Field(examples=["shop-1"])
    shop_name: str = Field(examples=["老王汽修"])
    cabinet: str = Field(examples=["cab-1"])
    name_zh: str
    name_en: str
    stage: Count
    state: CabinetState
    reason: str = Field(description="as its controller or gateway put it", examples=["expected 0 blind bins, found 2"])
    sign: Sign | None = Field(description="what is bad about it; null: nothing")
    is_forgiven: bool = Field(description="bad, and the rollout goes on nevertheless")
    firmware: str = Field(description="what it runs", examples=["0.2.0"])
    before: str
    got_bytes: int | None = Field(description="of the bundle that goes over; null: none does")
    of_bytes: int | None
    last_heard_age_ms: AgeMs
    changed_ms: int | None


class StepLine(View):
    """Something that happened in a rollout of a version."""

    rollout: str = Field(examples=["f-9d21c0aa17be"])
    version: str = Field(examples=["0.3.0"])
    at_ms: TimeMs
    what: str = Field(examples=["stage"])
    by: str = Field(description='"": by itself')
    shop: str
    cabinet: str
    detail: str = Field(description="JSON: its figures")


class RolloutView(RolloutLine):
    """A rollout with its stages, its cabinets and what happened in it."""

    digest: str
    soak_min: list[int]
    pace: int
    from_min: Minute
    to_min: Minute
    bad_percent: int
    takes_back: bool
    downgrade: bool
    of_stages: list[StageView]
    of_cabinets: list[CabinetLine]
    steps: list[StepLine] = Field(description="the last first, 200 at most")
    confirmed: Count = Field(description="cabinets that run the release by this rollout")
    can_go_back: bool = Field(description="releases are kept here to take all of them back to")
    goes_on: bool = Field(description="it comes to cabinets that are out of reach as soon as they can be updated")


class VersionShare(View):
    """How many cabinets run a version."""

    version: str = Field(description='"": not known', examples=["0.2.0"])
    cabinets: Count
    shops: Count
    silent: Count = Field(description="of them, not heard of for a day")


class Fleet(View):
    """What runs where, over all cabinets of a dealer's own shops."""

    cabinets: Count
    versions: list[VersionShare] = Field(description="the newest first")
    on_trial: Count
    old_gateways: Count = Field(description="shops whose gateway must be updated before it can update cabinets")
    old_controllers: Count = Field(description="cabinets that cannot be updated over the network yet")
    silent: Count = Field(description="not heard of for a day")
