"""Writes the numbers of tags as SGTIN-96: what a label printer does, by the GS1 EPC Tag Data Standard (14.6.1)."""

ITEM_BITS = 44  # of company prefix and item reference together
SERIAL_BITS = 38


def write_sgtin(gtin: str, company_digits: int, serial: int, filter_value: int = 1) -> str:
    """The EPC of one piece: `company_digits` (6 to 12) of the GTIN are its owner's prefix; its check digit is left out.

    A prefix takes as many bits as its largest number needs.
    """
    digits = gtin.zfill(14)
    company, item = digits[1 : 1 + company_digits], digits[0] + digits[1 + company_digits : -1]
    company_bits = (10**company_digits - 1).bit_length()
    fields = (
        f"{0x30:08b}{filter_value:03b}{12 - company_digits:03b}",
        f"{int(company):0{company_bits}b}",
        f"{int(item):0{ITEM_BITS - company_bits}b}",
        f"{serial:0{SERIAL_BITS}b}",
    )
    return f"{int(''.join(fields), 2):024X}"
