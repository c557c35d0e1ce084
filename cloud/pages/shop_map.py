"""Shops drawn by where they are: no tiles and no server elsewhere, so it works wherever the pages do. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, cos, floor, radians

from page_kit.markup import Markup, joined, tag

WIDTH, HEIGHT, MARGIN = 720, 520, 34
NAMED_MAX = 14
LETTER, SIGN, LINE = 13, 24, 28  # how wide a letter and a Chinese sign are at the most, how high a line
SCALES_KM = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
DEGREE_KM = 111.32


@dataclass(frozen=True)
class Spot:
    """One shop: where it is (millionths of a degree), how it is (`is-wrong`, `is-low`, `is-good`), where it leads."""

    latitude_e6: int
    longitude_e6: int
    kind: str
    name: str
    path: str


@dataclass(frozen=True)
class _View:
    """How places become points."""

    west: float
    north: float
    stretch: float  # of a degree of longitude beside one of latitude
    scale: float  # points of a degree of latitude

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        """(x, y) of a place."""
        return (
            round(MARGIN + (longitude - self.west) * self.stretch * self.scale, 1),
            round(MARGIN + (self.north - latitude) * self.scale, 1),
        )


def draw_map(spots: Sequence[Spot], title: str) -> Markup:
    """All of them, the worst on top; the worst are named."""
    view = _view_of(spots)
    ordered = list(reversed(spots))  # handed in worst first, and what is drawn last lies on top
    return tag(
        "svg",
        tag("title", title),
        _grid(view),
        joined(*(_spot(view, spot) for spot in ordered)),
        joined(*(_name(view, spot) for spot in reversed(_named(view, spots)))),
        _scale_bar(view),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        class_="pb-map",
        role="img",
        aria_label=title,
    )


def _view_of(spots: Sequence[Spot]) -> _View:
    latitudes = [spot.latitude_e6 / 1e6 for spot in spots]
    longitudes = [spot.longitude_e6 / 1e6 for spot in spots]
    stretch = cos(radians((max(latitudes) + min(latitudes)) / 2))
    high = max(0.02, max(latitudes) - min(latitudes))
    wide = max(0.02, (max(longitudes) - min(longitudes)) * stretch)
    scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
    spare_x = ((WIDTH - 2 * MARGIN) / scale - wide) / 2
    spare_y = ((HEIGHT - 2 * MARGIN) / scale - high) / 2
    return _View(min(longitudes) - spare_x / stretch, max(latitudes) + spare_y, stretch, scale)


def _grid(view: _View) -> Markup:
    """Whole degrees, or every fifth when they would lie close."""
    step = next(step for step in (0.1, 0.5, 1, 2, 5, 10, 30) if step * view.scale * view.stretch > 60 or step == 30)
    east = view.west + (WIDTH - MARGIN) / view.scale / view.stretch
    south = view.north - (HEIGHT - MARGIN) / view.scale
    lines = []
    for number in range(ceil(south / step), floor(view.north / step) + 1):
        _, y = view.at(number * step, view.west)
        lines.append(tag("line", x1=0, y1=y, x2=WIDTH, y2=y))
    for number in range(ceil(view.west / step), floor(east / step) + 1):
        x, _ = view.at(view.north, number * step)
        lines.append(tag("line", x1=x, y1=0, x2=x, y2=HEIGHT))
    return tag("g", *lines, class_="pb-map-grid")


def _spot(view: _View, spot: Spot) -> Markup:
    x, y = view.at(spot.latitude_e6 / 1e6, spot.longitude_e6 / 1e6)
    circle = tag("circle", tag("title", spot.name), cx=x, cy=y, r=11 if spot.kind == "is-wrong" else 9)
    return tag("a", circle, href=spot.path, class_=f"pb-map-spot {spot.kind}", aria_label=spot.name)


def _named(view: _View, spots: Sequence[Spot]) -> list[Spot]:
    """The worst, but for those whose names would lie on a worse one's."""
    named: list[Spot] = []
    taken: list[tuple[float, float, float]] = []  # from, to, and how far down
    for spot in spots:
        x, y = view.at(spot.latitude_e6 / 1e6, spot.longitude_e6 / 1e6)
        wide = _wide(spot.name)
        left, right = (x - 16 - wide, x) if _has_no_room(x, wide) else (x, x + 16 + wide)
        is_free = all(abs(y - down) > LINE or right < start or left > end for start, end, down in taken)
        if len(named) < NAMED_MAX and is_free and left >= 0:
            named.append(spot)
            taken.append((left, right, y))
    return named


def _wide(name: str) -> float:
    return sum(LETTER if sign.isascii() else SIGN for sign in name)


def _has_no_room(x: float, wide: float) -> bool:
    """Whether a name does not fit to the right of its shop."""
    return x + 16 + wide > WIDTH


def _name(view: _View, spot: Spot) -> Markup:
    x, y = view.at(spot.latitude_e6 / 1e6, spot.longitude_e6 / 1e6)
    is_east = _has_no_room(x, _wide(spot.name))
    classes = "pb-map-name is-end" if is_east else "pb-map-name"
    return tag("text", spot.name, x=x - 16 if is_east else x + 16, y=y + 5, class_=classes)


def _scale_bar(view: _View) -> Markup:
    km = next((km for km in reversed(SCALES_KM) if km / DEGREE_KM * view.scale < 180), SCALES_KM[0])
    length = round(km / DEGREE_KM * view.scale, 1)
    y = HEIGHT - 14
    line = tag("path", d=f"M14 {y - 6} V{y} H{14 + length} V{y - 6}")
    return tag("g", line, tag("text", f"{km} km", x=20 + length, y=y + 1), class_="pb-map-scale")
