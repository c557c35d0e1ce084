"""EPCs read as trade items: the worked examples of GS1's EPC Tag Data Standard, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_gateway.sgtin import EpcError, Sgtin, check_digit, gtin_of, read_sgtin
from tests.gateway.tag_writer import write_sgtin

# EPC Tag Data Standard 1.6 and later, annex E.3: urn:epc:tag:sgtin-96:3.0614141.812345.6789
STANDARD = "3074257BF7194E4000001A85"


def test_the_standards_example_is_read_and_written() -> None:
    assert read_sgtin(STANDARD) == Sgtin("80614141123458", 6789)
    assert write_sgtin("80614141123458", 7, 6789, filter_value=3) == STANDARD


def test_lower_case_is_the_same_number() -> None:
    assert read_sgtin(STANDARD.lower()) == read_sgtin(STANDARD)


def test_an_epc_put_together_by_hand() -> None:
    # header 0011 0000, filter 001, partition 110 (company of 20 bits), company 000001, item 0000002, serial 3
    bits = "00110000" + "001" + "110" + f"{1:020b}" + f"{2:024b}" + f"{3:038b}"
    epc = f"{int(bits, 2):024X}"
    assert read_sgtin(epc) == Sgtin("00000010000021", 3)  # 3 x 1 and 3 x 2 make 9, and 1 more is 10


def test_check_digits_of_the_general_specifications() -> None:
    assert check_digit("629104150021") == "3"  # GTIN-13 6291041500213
    assert check_digit("0061414112345") == "2"  # GTIN-12 614141123452


@pytest.mark.parametrize(
    ("epc", "sentence"),
    [
        ("3174257BF7194E4000001A85", "begins with 30"),  # SSCC-96
        ("E2003411B802011383258566", "begins with 30"),  # a chip maker's own number
        ("307C257BF7194E4000001A85", "partition"),  # 7 is reserved
        ("3074257BF7194E4000001A8", "24 hex digits"),
        ("3074257BF7194E4000001A8G", "24 hex digits"),
        ("", "24 hex digits"),
        (f"{int('00110000' + '001' + '110' + '1' * 20 + '0' * 62, 2):024X}", "6 digits"),  # 1,048,575 has seven
    ],
)
def test_what_is_no_sgtin_is_said(epc: str, sentence: str) -> None:
    with pytest.raises(EpcError, match=sentence):
        read_sgtin(epc)
    assert gtin_of(epc) is None


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(6, 12), st.integers(0, (1 << 38) - 1))
def test_what_is_written_is_read(digits: str, company_digits: int, serial: int) -> None:
    gtin = digits + check_digit(digits)
    assert read_sgtin(write_sgtin(gtin, company_digits, serial)) == Sgtin(gtin, serial)
