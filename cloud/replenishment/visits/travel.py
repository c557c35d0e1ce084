"""How far and how long it is from one place to another. Pure.

Nobody's road map is asked: the great circle (haversine, a sphere of 6,371 km) times a detour factor. 1.33 is what
Ballou, Rahardja and Sakai found for China ("Selected country circuity factors for road travel distance estimation",
Transportation Research Part A 36, 2002). A van's `km_per_hour` is its mean over town and country, stops not counted.
"""

from math import asin, ceil, cos, radians, sin, sqrt

from cloud.replenishment.visits.values import Spot

EARTH_M = 6_371_000
DETOUR = 1.33


def metres(one: Spot, other: Spot) -> int:
    """The way by road, estimated, in whole metres."""
    south, north = radians(one.latitude_e6 / 1e6), radians(other.latitude_e6 / 1e6)
    east = radians((other.longitude_e6 - one.longitude_e6) / 1e6)
    half = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin(east / 2) ** 2
    return round(2 * EARTH_M * asin(min(1.0, sqrt(half))) * DETOUR)


def minutes(way_m: int, km_per_hour: int) -> int:
    """How long a way takes, in whole minutes, rounded up."""
    return ceil(way_m * 60 / (1000 * max(1, km_per_hour)))
