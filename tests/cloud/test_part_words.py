"""How numbers, plates, words and VINs are read, without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.catalogue.ordinals import BLOCK, at_least, bits_of, members, packed, set_of, unpacked
from cloud.catalogue.supersession import chain_from, circles, last_of
from cloud.catalogue.vin import check_digit, matches, misread, model_years, read_vin
from cloud.catalogue.wmi import maker_of
from edge_gateway.part_words import (
    asked_words,
    is_chinese_plate,
    make_key,
    plain_number,
    plain_plate,
    terms_of,
    typing_errors,
)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("wk 10-60", "WK1060"),
        ("ＷＫ１０６０", "WK1060"),
        ("00123", "123"),
        ("1117050-29D/A", "111705029DA"),
        ("a.b/c", "ABC"),
        ("000", "0"),
        (" - ", ""),
    ],
)
def test_a_number_is_the_same_however_it_is_typed(typed: str, plain: str) -> None:
    """Case, width, blanks, hyphens, dots, slashes and leading zeros do not count."""
    assert plain_number(typed) == plain


@pytest.mark.parametrize(
    ("typed", "plain", "chinese"),
    [
        ("鲁B·12345", "鲁B12345", True),
        ("粤b d12345", "粤BD12345", True),  # 新能源: 8 characters
        ("京A1234挂", "京A1234挂", True),
        ("AB-12-CD", "AB12CD", False),
        ("鲁B1", "鲁B1", False),
    ],
)
def test_plates(typed: str, plain: str, chinese: bool) -> None:
    """Chinese ones of 7 and of 8 characters, and those of other countries."""
    assert plain_plate(typed) == plain
    assert is_chinese_plate(plain) is chinese


@given(st.text(alphabet="0123456789ABC", min_size=2, max_size=8), st.data())
def test_every_single_typing_error_is_among_the_neighbours(number: str, data: st.DataObject) -> None:
    """One character wrong, missing, too many, or two neighbours swapped: an edit made here by hand."""
    at = data.draw(st.integers(0, len(number) - 1))
    letter = data.draw(st.sampled_from("XYZ789"))
    made = {number[:at] + letter + number[at + 1 :], number[:at] + letter + number[at:], number[:at] + number[at + 1 :]}
    if at + 1 < len(number):
        made.add(number[:at] + number[at + 1] + number[at] + number[at + 2 :])
    assert made - {number, ""} <= typing_errors(number)
    assert number not in typing_errors(number)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("机滤", [("thing", "=oil_filter")]),
        ("解放 J6 机滤", [("make", "@jiefang"), ("word", "j6"), ("thing", "=oil_filter")]),
        ("解放机滤J6P", [("make", "@jiefang"), ("thing", "=oil_filter"), ("word", "j6p")]),
        ("Oil Filters", [("thing", "=oil_filter")]),
        ("brake-pad", [("thing", "=brake_pad")]),
        ("刹车片", [("thing", "=brake_pad")]),
        ("制动片", [("thing", "=brake_pad")]),
        ("mann", [("word", "mann")]),  # not the maker MAN
        ("WP10.336", [("word", "wp10336")]),
        ("总成", [("chinese", "总成")]),
    ],
)
def test_what_is_asked_is_split_into_what_the_trade_knows(typed: str, expected: list[tuple[str, str]]) -> None:
    """Things and makers by any of their names, alone or run together; the rest as it stands."""
    assert [(word.kind, word.terms[0]) for word in asked_words(typed)] == expected


def test_a_name_is_what_it_ends_with_and_not_what_it_begins_with() -> None:
    """机油滤清器 is a 滤清器, and no 机油."""
    terms = terms_of(["机油滤清器总成", "Oil filter"], ["一汽解放"])
    assert {"=oil_filter", "=filter", "@jiefang", "机油", "滤清"} <= terms
    assert "=engine_oil" not in terms


def test_makers_have_one_key() -> None:
    """By any of their names; one that is not in the table is itself."""
    assert make_key("FAW") == make_key("一汽解放汽车") == make_key("解放") == "jiefang"
    assert make_key("Mercedes-Benz") == make_key("奔驰") == "mercedes"
    assert make_key("Zündapp") == "zundapp"


@given(st.sets(st.integers(0, BLOCK - 1), max_size=3000), st.integers(0, 3))
def test_sets_of_ordinals_come_back_as_they_were(ordinals: set[int], block: int) -> None:
    """Few and many, in any block."""
    stored = packed(ordinals)
    assert unpacked(stored) == ordinals
    assert set(members(bits_of(stored, block))) == {ordinal + block * BLOCK for ordinal in ordinals}


@given(st.lists(st.sets(st.integers(0, 60)), max_size=5))
def test_what_is_in_at_least_so_many_sets(sets: list[set[int]]) -> None:
    """Counted by hand."""
    levels = [set(members(level)) for level in at_least(map(set_of, sets))]
    wanted = [{n for n in range(61) if sum(n in each for each in sets) >= least} for least in range(len(sets), 0, -1)]
    assert levels == wanted


def test_chains_and_circles() -> None:
    """A chain has an end; a circle is named whole, and nothing beside it."""
    successors = {"a": "b", "b": "c", "x": "y", "y": "z", "z": "x", "in": "x"}
    assert (chain_from(successors, "a"), last_of(successors, "c")) == (["a", "b", "c"], "c")
    assert circles(successors) == {"x", "y", "z"}


# ---- VINs: published examples, and check digits worked out by the standard's own table ----


@pytest.mark.parametrize("vin", ["1M8GDM9AXKP042788", "11111111111111111", "1HGCM82633A004352", "5GZCZ43D13S812715"])
def test_published_vins_have_their_check_digit(vin: str) -> None:
    """49 CFR 565 and Wikipedia's worked examples."""
    assert check_digit(vin) == vin[8]
    assert read_vin(vin, 2026).findings == ()


def test_typing_errors_that_can_be_told_are_put_right_and_said() -> None:
    """No VIN has an O or an I."""
    reading = read_vin("1hgcm 82633A-OO4352", 2026)
    assert reading.vin == "1HGCM82633A004352"
    assert [(each.position, each.found, each.taken) for each in reading.corrections] == [(12, "O", "0"), (13, "O", "0")]
    assert reading.is_whole and reading.check_digit_fits


def test_a_check_digit_counts_where_it_is_demanded() -> None:
    """Wrong in North America, a remark elsewhere; a VIN that looks alike and fits is offered."""
    wrong = read_vin("1HGCM82633A004353", 2026)
    assert [(each.key, each.severity) for each in wrong.findings] == [("check_digit", "wrong")]
    assert [(each.key, each.severity) for each in read_vin("WDB9634031L123456", 2026).findings] == [
        ("check_digit_elsewhere", "remark")
    ]
    assert [each.key for each in read_vin("LFWSRXSJ5M1E12345", 2026).findings] == ["check_digit_china"]
    assert "1M8GDM9AXKP042788" in misread("1M8GDM9AXKP04278B")
    assert [each.key for each in read_vin("1HGCM826", 2026).findings] == ["length"]
    assert [each.key for each in read_vin("1HGCM826?3A004352", 2026).findings] == ["character"]


def test_model_years_come_round_every_thirty_years() -> None:
    """Position 7 tells in North America; elsewhere the newest year that can be."""
    assert model_years("1HGCM82633A004352", 2026)[0] == 2003
    assert model_years("1M8GDM9AXKP042788", 2026)[0] == 1989  # position 7 is a digit
    assert model_years("1M8GDMAAXKP042788", 2026)[0] == 2019
    assert model_years("LFWSRXSJ5T1E12345", 2026) == (2026, 1996)
    assert model_years("LFWSRXSJ5W1E12345", 2026) == (1998,)  # 2028 is not yet
    assert model_years("LFWSRXSJ501E12345", 2026) == ()


def test_patterns_of_a_dealers_own_table() -> None:
    """Characters behind the identifier, ? for any."""
    assert matches("SRX??5", "LFWSRXSJ5M1E12345", "LFW")
    assert not matches("SRX??4", "LFWSRXSJ5M1E12345", "LFW")
    assert not matches("", "LZZSRXSJ5M1E12345", "LFW")


@pytest.mark.parametrize(
    ("code", "maker"),
    [("LFW", "jiefang"), ("LZZ", "sinotruk"), ("LZG", "shacman"), ("LJ1", "jac"), ("LGA", "dongfeng"), ("WMA", "man"),
     ("YV2", "volvo"), ("XLR", "daf"), ("YS2", "scania"), ("1FU", "freightliner"), ("JAL", "isuzu"), ("ZZZ", "")],
)  # fmt: skip
def test_makers_of_trucks_by_their_identifier(code: str, maker: str) -> None:
    """As published by their makers."""
    assert maker_of(code) == maker
