"""The accounts of the ledger, read back: which bin, dealer, shop or cabinet an account speaks of. Pure."""

import re

_BIN_ACCOUNT = re.compile(r"bin:([a-z0-9-]{1,32})/([1-9][0-9]{0,2})")


def bin_of(account: str) -> tuple[str, int] | None:
    """(cabinet, bin) of a bin's account, None for any other account."""
    match = _BIN_ACCOUNT.fullmatch(account)
    return (match[1], int(match[2])) if match else None
