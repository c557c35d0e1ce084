"""A round drawn by where its shops are: the way in order, numbered, from the van's home and back. Pure; no tiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

from page_kit.markup import Markup, joined, tag

WIDTH, HEIGHT, MARGIN = 520, 300, 30


@dataclass(frozen=True)
class Point:
    """A stop on the drawing."""

    latitude_e6: int
    longitude_e6: int
    number: int
    name: str
    path: str
    kind: str = ""  # is-proposed | ""


def draw_round(home: tuple[int, int], points: Sequence[Point], title: str) -> Markup:
    """The round; shops without a place are not on it."""
    spots = [home, *((point.latitude_e6, point.longitude_e6) for point in points)]
    at = _places(spots)
    way = "M" + " L".join(f"{x} {y}" for x, y in (*at, at[0]))
    return tag(
        "svg",
        tag("title", title),
        tag("path", d=way, class_="pb-round-way"),
        joined(*(_stop(point, *place) for point, place in zip(points, at[1:], strict=True))),
        _home(*at[0]),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        class_="pb-round-map",
        role="img",
        aria_label=title,
    )


def _places(spots: Sequence[tuple[int, int]]) -> list[tuple[float, float]]:
    north, south = max(each[0] for each in spots) / 1e6, min(each[0] for each in spots) / 1e6
    west, east = min(each[1] for each in spots) / 1e6, max(each[1] for each in spots) / 1e6
    stretch = cos(radians((north + south) / 2))
    wide, high = max(0.005, (east - west) * stretch), max(0.005, north - south)
    scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
    left = (WIDTH - (east - west) * stretch * scale) / 2
    top = (HEIGHT - (north - south) * scale) / 2
    return [
        (
            round(left + (longitude / 1e6 - west) * stretch * scale, 1),
            round(top + (north - latitude / 1e6) * scale, 1),
        )
        for latitude, longitude in spots
    ]


def _stop(point: Point, x: float, y: float) -> Markup:
    return tag(
        "a",
        tag("circle", tag("title", point.name), cx=x, cy=y, r=15),
        tag("text", str(point.number), x=x, y=y + 5),
        href=point.path,
        class_=f"pb-round-stop {point.kind}".strip(),
        aria_label=f"{point.number} {point.name}",
    )


def _home(x: float, y: float) -> Markup:
    return tag("rect", x=x - 10, y=y - 10, width=20, height=20, rx=5, class_="pb-round-home")
