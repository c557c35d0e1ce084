"""Numbers for new tags: SGTIN-96 of a part's GTIN and a serial, made by epcpy, checked by the gateway's own reading.

Pure. Serials are drawn, not counted: other gateways, the makers of parts and a database that was put back from a backup
give numbers to the same GTIN and know nothing of each other. The table of those given refuses a second time.
"""

import secrets
from typing import Final

from edge_gateway.serial_devices.scans import gtin14
from edge_gateway.sgtin import Sgtin, read_sgtin

SERIAL_MAX: Final = 2**38 - 1  # what an SGTIN-96 has room for


class TagNumberError(ValueError):
    """A number cannot be made; the text says what was expected and what was found."""


def tag_number(gtin: str, serial: int, company_digits: int) -> str:
    """The EPC of one piece, 24 upper-case hex digits; `company_digits` of the GTIN are its company's prefix."""
    whole = gtin14(gtin)
    if not whole:
        raise TagNumberError(f"expected a GTIN of 8, 12, 13 or 14 digits with its check digit, found {gtin!r}")
    if not 0 <= serial <= SERIAL_MAX:
        raise TagNumberError(f"expected a serial from 0 to {SERIAL_MAX}, found {serial}")
    if not 6 <= company_digits <= 12:
        raise TagNumberError(f"expected a company prefix of 6 to 12 digits, found {company_digits}")
    epc = _made(whole, serial, company_digits)
    if read_sgtin(epc) != Sgtin(whole, serial):
        raise TagNumberError(f"expected {epc} to read as {whole} {serial}, found {read_sgtin(epc)}")
    return epc


def drawn_serial() -> int:
    """A serial nobody is likely to have given."""
    return secrets.randbelow(SERIAL_MAX) + 1


def _made(gtin: str, serial: int, company_digits: int) -> str:
    from epcpy.epc_schemes.sgtin import SGTIN, SGTINFilterValue  # noqa: PLC0415 - slow to import, and few write tags

    made = SGTIN.from_gtin_plus_serial(gtin, str(serial), company_digits)
    coding = SGTIN.BinaryCodingScheme.SGTIN_96
    epc: str = made.hex(binary_coding_scheme=coding, filter_value=SGTINFilterValue.POS_ITEM)
    return epc.upper()
