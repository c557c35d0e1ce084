"""What somebody asks of a seeded fleet."""

from dataclasses import dataclass
from random import Random

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
DAYS_A_MONTH = 30.4375
SESSIONS_A_DAY = 13.0  # at one cabinet on an ordinary weekday, at scale 1


class AskedError(ValueError):
    """A fleet cannot be made as asked; the text says what was expected and what was found."""


@dataclass(frozen=True)
class Asked:
    """How big a fleet, how long it has worked, and until when. `scale` thins out the work, not the shops."""

    shops: int = 200
    cabinets: int = 1000
    months: int = 12
    scale: float = 1.0
    seed: int = 1
    until_ms: int = 0

    @property
    def days(self) -> int:
        """How many days of work."""
        return round(self.months * DAYS_A_MONTH)

    @property
    def from_ms(self) -> int:
        """Midnight of the first day, by the wall clock of China."""
        last_midnight_ms = (self.until_ms + 8 * HOUR_MS) // DAY_MS * DAY_MS - 8 * HOUR_MS
        return last_midnight_ms - (self.days - 1) * DAY_MS

    def draw(self, *names: str | int) -> Random:
        """A generator of its own for each name, so that nothing depends on the order of the others."""
        return Random("/".join(map(str, (self.seed, *names))))  # noqa: S311 -- plausible, not secret

    def check(self) -> None:
        """Refuse what cannot be made (`AskedError`)."""
        for name, found, least, most in (
            ("shops", self.shops, 1, 10_000),
            ("cabinets", self.cabinets, self.shops, 64 * self.shops),
            ("months", self.months, 1, 60),
        ):
            if not least <= found <= most:
                raise AskedError(f"expected {least} to {most} {name}, found {found}")
        if not 0 < self.scale <= 10:
            raise AskedError(f"expected a scale above 0 and up to 10, found {self.scale}")
