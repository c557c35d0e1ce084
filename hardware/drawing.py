"""SVG by hand: boxes, texts, wires. Numbers are user units; text is escaped here and nowhere else."""

from collections.abc import Iterable
from html import escape

_FONT = "system-ui, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
INK = "#1d2733"
FAINT = "#5b6876"


class Drawing:
    """A picture that grows downwards; `text` of the whole is asked for last."""

    def __init__(self, width: int):
        self.width = width
        self.height = 0.0
        self._below: list[str] = []  # drawn first: wires lie under boxes
        self._above: list[str] = []

    def box(  # noqa: PLR0917 - a place, a size and two colours, as SVG has them
        self, x: float, y: float, width: float, height: float, fill: str = "#ffffff", stroke: str = INK
    ) -> None:
        """A rounded rectangle."""
        self._reach(y + height)
        self._above.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="6" fill="{fill}"'
            f' stroke="{stroke}" stroke-width="1.6"/>'
        )

    def write(  # noqa: PLR0917 - the same
        self,
        x: float,
        y: float,
        text: str,
        size: float = 16,
        anchor: str = "start",
        colour: str = INK,
        weight: int = 400,
        upright: bool = False,
    ) -> None:
        """A line of text; `y` is its base line. `upright`: it runs upwards."""
        self._reach(y + size * 0.4)
        turn = f' transform="rotate(-90 {x:g} {y:g})"' if upright else ""
        self._above.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" text-anchor="{anchor}" fill="{colour}"'
            f' font-weight="{weight}"{turn}>{escape(text)}</text>'
        )

    def wire(self, points: Iterable[tuple[float, float]], colour: str, width: float = 3, dash: str = "") -> None:
        """A line through points; on paper that has no colour its labels say what it is."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._below.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}"'
            f' stroke-linejoin="round" stroke-linecap="round"{dashed}/>'
        )

    def dot(self, x: float, y: float, colour: str, radius: float = 4.5) -> None:
        """Where two wires join."""
        self._above.append(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{colour}"/>')

    def text(self, title: str) -> str:
        """The whole SVG."""
        height = round(self.height + 16)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {height}" role="img"'
            f' aria-label="{escape(title, quote=True)}" font-family="{escape(_FONT, quote=True)}">'
        )
        ground = f'<rect width="{self.width}" height="{height}" fill="#ffffff"/>'
        return "\n".join([head, f"<title>{escape(title)}</title>", ground, *self._below, *self._above, "</svg>", ""])

    def _reach(self, y: float) -> None:
        self.height = max(self.height, y)
