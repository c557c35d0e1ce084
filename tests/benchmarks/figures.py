"""One measured figure, with the limit it is held against."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` in `unit`; `limit` was measured in the same run, `aim` is the ratio wished for (0: no aim)."""

    name: str
    value: float
    unit: str
    limit: float = 0.0
    limit_name: str = ""
    aim: float = 0.0

    @property
    def ratio(self) -> float:
        """The value as a share of its limit, 0 when there is none."""
        return self.value / self.limit if self.limit else 0.0

    def line(self) -> str:
        """The figure for a person to read."""
        text = f"{self.name:<52} {self.value:>12,.1f} {self.unit:<12}"
        if self.limit:
            text += f" = {self.ratio:5.2f} of {self.limit:,.1f} ({self.limit_name})"
        if self.aim:
            text += f", aim {self.aim}"
        return text
