"""How policies and visits stand in the database's rows."""

import json
from typing import Any

from edge_gateway.policies import Place, PlacePolicy, Terms
from edge_gateway.visits import Visit

Row = tuple[Any, ...]


def policy_row(place: Place, policy: PlacePolicy) -> Row:
    """In the order of the table's columns."""
    told, override = policy.told, policy.override
    return (*place, *told[:3], *override, policy.overridden)


def policy_of(row: Row) -> tuple[Place, PlacePolicy]:
    """The place and its policy."""
    cabinet, number, part, *rest = row
    return (cabinet, number, part), PlacePolicy(Terms(*rest[:3]), Terms(*rest[3:7]), bool(rest[7]))


def visit_row(visit: Visit) -> Row:
    """In the order of the table's columns."""
    lines = json.dumps([[*place, quantity] for place, quantity in visit.lines], ensure_ascii=False)
    return visit.id, visit.number, visit.day, visit.by, visit.until_ms, visit.is_off, lines


def visit_of_row(row: Row) -> Visit:
    """The visit."""
    name, number, day, by, until_ms, is_off, lines = row
    places = tuple(((cabinet, at, part), quantity) for cabinet, at, part, quantity in json.loads(lines))
    return Visit(name, number, day, by, until_ms, places, bool(is_off))
