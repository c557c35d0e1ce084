"""The accounts of the ledger, read back: which bin an account speaks of, and whether a shop may use it. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass

BINS_MAX = 64
_BIN_ACCOUNT = re.compile(r"bin:([a-z0-9-]{1,32})/([1-9][0-9]{0,2})")


def bin_of(account: str) -> tuple[str, int] | None:
    """(cabinet, bin) of a bin's account, None for any other account."""
    match = _BIN_ACCOUNT.fullmatch(account)
    return (match[1], int(match[2])) if match else None


@dataclass(frozen=True)
class Scope:
    """What uploads of one shop may name: itself, its cabinets, and the dealers whose stock it holds."""

    shop: str
    dealers: frozenset[str]
    cabinets: frozenset[str]


def account_fault(account: str, scope: Scope) -> str:
    """Why a movement of this shop may not touch an account; empty when it may."""
    kind, _, name = account.partition(":")
    fault = _FAULTS.get(kind, _of_no_kind)
    return fault(account, name, scope)


def _of_no_kind(account: str, _name: str, _scope: Scope) -> str:
    return f"expected an account of bin, dealer, shop, job, unexplained or scrap, found {account!r}"


def _bin_fault(account: str, _name: str, scope: Scope) -> str:
    place = bin_of(account)
    if place is None or place[1] > BINS_MAX:
        return f"expected bin:<cabinet>/<1 to {BINS_MAX}>, found {account!r}"
    return cabinet_fault(place[0], scope)


def _dealer_fault(_account: str, name: str, scope: Scope) -> str:
    return "" if name in scope.dealers else f"expected a dealer with stock in {scope.shop}, found {name!r}"


def _shop_fault(_account: str, name: str, scope: Scope) -> str:
    return "" if name == scope.shop else f"expected the shop {scope.shop}, found {name!r}"


def _job_fault(account: str, name: str, _scope: Scope) -> str:
    return "" if name else f"expected job:<id>, found {account!r}"


def _cause_fault(account: str, name: str, scope: Scope) -> str:
    cabinet, colon, dealer = name.partition(":")
    if not colon:
        return f"expected <cause>:<cabinet>:<dealer>, found {account!r}"
    return cabinet_fault(cabinet, scope) or _dealer_fault(account, dealer, scope)


def cabinet_fault(cabinet: str, scope: Scope) -> str:
    """Why an upload of this shop may not name a cabinet; empty when it may."""
    return "" if cabinet in scope.cabinets else f"expected a cabinet of {scope.shop}, found {cabinet!r}"


_FAULTS: dict[str, Callable[[str, str, Scope], str]] = {
    "bin": _bin_fault,
    "dealer": _dealer_fault,
    "shop": _shop_fault,
    "job": _job_fault,
    "unexplained": _cause_fault,
    "scrap": _cause_fault,
}
