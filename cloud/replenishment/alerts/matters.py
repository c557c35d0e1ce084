"""What judging says of a matter: values, and how long a thing must hold or be over before anybody is told. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

Kind = Literal["runs_out", "sensor_blind", "no_contact", "unexplained_loss", "rollout_stopped"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Figure = int | str | list[str]

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
NOW, TODAY, SOON = 3, 2, 1  # urgency
REOPEN_MS: Final = 6 * HOUR_MS  # what comes back within this is the same alert: nobody is told again


@dataclass(frozen=True, slots=True)
class Patience:
    """`hold_ms`: for so long a thing must be so; `calm_ms`: for so long it must be over."""

    hold_ms: int = 0
    calm_ms: int = 0


PATIENCE: Final[Mapping[Kind, Patience]] = {
    "runs_out": Patience(),  # its two limits, 50 and 25 %, keep it from flickering
    "sensor_blind": Patience(hold_ms=10 * MINUTE_MS, calm_ms=HOUR_MS),
    "no_contact": Patience(calm_ms=15 * MINUTE_MS),  # its own limit says how long it must hold
    "unexplained_loss": Patience(),  # looks at a week anyway
    "rollout_stopped": Patience(),  # it stands until somebody decides
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A matter as it is now. `holds` None: it cannot be known at present, and everything stays as it is.

    `shop` "": several shops. `detail`: the figures of its sentence. `since_ms` 0: since it was first seen to hold.
    `why`: of what does not hold, why not.
    """

    kind: Kind
    shop: str
    matter: str
    holds: bool | None
    urgency: int = SOON
    cabinet: str = ""
    bin: int = 0
    part: str = ""
    since_ms: int = 0
    detail: Mapping[str, Figure] = field(default_factory=dict)
    why: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is about: of a dealer one alert of it is open at most."""
        return self.kind, self.shop, self.matter


def place(cabinet: str, number: int, part: str) -> str:
    """A part in a bin as a matter's name."""
    return f"{cabinet}/{number}/{part}"
