"""Where the pages are: the address of what has a page of its own. Names are quoted here and nowhere else."""

from urllib.parse import quote


def segment(name: str) -> str:
    """A name as a part of an address."""
    return quote(name, safe="")


def shop_path(shop: str, rest: str = "") -> str:
    """A page of a shop."""
    return f"/shops/{segment(shop)}{rest}"


def cabinet_path(shop: str, cabinet: str) -> str:
    """The page of a cabinet."""
    return shop_path(shop, f"/cabinets/{segment(cabinet)}")


def session_path(shop: str, session: str) -> str:
    """The page of a session."""
    return shop_path(shop, f"/session?id={segment(session)}")


def policy_path(shop: str, cabinet: str, number: int, part: str) -> str:
    """The page of a part's policy in a bin."""
    return shop_path(shop, f"/policy?cabinet={segment(cabinet)}&bin={number}&part={segment(part)}")


def vehicle_path(shop: str, vehicle: str) -> str:
    """The page of a vehicle's file."""
    return shop_path(shop, f"/vehicles/{segment(vehicle)}")


def part_path(number: str) -> str:
    """The page of a part."""
    return f"/part?number={segment(number)}"


def part_edit_path(number: str) -> str:
    """Where a part is changed."""
    return f"/part/edit?number={segment(number)}"
