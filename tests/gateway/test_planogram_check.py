"""`partsbay planogram check`: which bins of a document cannot be counted by weight, and why, in words."""

import json
from pathlib import Path
from typing import Any

import pytest

import partsbay
from edge_gateway.planogram_check import CheckedBin, check_planogram
from edge_gateway.planogram_words import SAYS, as_table, grams, kilograms, lines, percent
from edge_gateway.shop_document import encode_document
from simulator import scenario
from tests.gateway.world import document


def _part(number: str, grams: float, spread_g: float, **more: Any) -> dict[str, Any]:
    masses = {"unit_mass_mg": round(grams * 1000), "spread_mg": round(spread_g * 1000)}
    return {"number": number, "name_zh": number, "name_en": number, **masses, **more}


PARTS = [
    _part("A", 512, 4),
    _part("B", 257, 1.5),
    _part("C", 1200, 4),
    _part("TWIN-1", 400, 2, gtin="4006381333931"),
    _part("TWIN-2", 400, 2, gtin="96385074"),
    _part("LIGHT", 12, 0.1),
    _part("NOMASS", 0, 0),
    _part("NUTS", 0, 0, unit="gram"),
]


def checked(*parts: str, capacity: int = 5, cell: str = "c3-10kg") -> CheckedBin:
    """What the check says of a bin that holds these parts."""
    first, *others = ({"part": part, "capacity": capacity} for part in parts)
    bins = [{"bin": 1, "cell": cell, **first, "also": others}, {"bin": 2}]
    (found,) = check_planogram(document(cabinets=("cab-1",), parts=PARTS, bins=bins))
    return found


def said(found: CheckedBin, language: str = "en") -> list[str]:
    return lines([found], SAYS[language])[:-1]  # type: ignore[index]


def test_what_looks_alike_is_said_with_its_masses() -> None:
    found = checked("A", "B")
    assert found.verdict == "refused"
    assert said(found)[0].startswith("cab-1 bin 1 (c3-10kg: A, B): refused, ")
    alike = [line for line in said(found) if "1 x A (512 g) looks like 2 x B (257 g each): 2 g apart, " in line]
    assert len(alike) == 1
    assert "1 个 A（512 g）与2 个 B（每个 257 g）分不清：相差 2 g，" in "\n".join(said(found, "zh"))


def test_what_is_fine_is_not_talked_about() -> None:
    found = checked("A", "C")
    assert (found.verdict, found.reasons) == ("fine", ())
    assert lines([found], SAYS["en"]) == ["1 bins: 0 refused, 0 warned about"]


def test_what_only_tags_tell_apart_is_warned_about() -> None:
    found = checked("TWIN-1", "TWIN-2")
    assert found.verdict == "warned"
    assert said(found)[1] == "  told apart by their tags only, not by weight: TWIN-1, TWIN-2"
    assert found.check.verdict == "refused"


def test_a_piece_that_a_cell_does_not_show() -> None:
    found = checked("LIGHT", cell="cheap-10kg")
    assert found.verdict == "refused"
    assert said(found)[1] == "  LIGHT weighs 12 g, which this cell does not show (30.6 g at least): keep it in grams"
    assert checked("LIGHT").verdict == "fine"


def test_a_part_without_a_mass_is_alone_or_refused() -> None:
    assert (checked("NOMASS").verdict, checked("NOMASS", "A").verdict) == ("warned", "refused")
    assert said(checked("A", "NOMASS"))[-1] == "  NOMASS has no unit mass, so it cannot share a bin"


@pytest.mark.parametrize(("parts", "capacity"), [(("A", "C"), 6), (("NUTS",), 10_001)])
def test_a_bin_too_heavy_for_its_cell_is_warned_about(parts: tuple[str, ...], capacity: int) -> None:
    found = checked(*parts, capacity=capacity)
    assert found.verdict == "warned"
    assert found.full_mg > 10_000_000
    assert "more than its cell can (10 kg)" in said(found)[1]
    assert checked(*parts, capacity=capacity, cell="c3-50kg").verdict == "fine"


@pytest.mark.parametrize(
    ("mg", "text"), [(512_400, "512 g"), (24_600, "24.6 g"), (15_000, "15 g"), (0, "0 g"), (4, "0 g")]
)
def test_grams_are_as_exact_as_it_matters(mg: int, text: str) -> None:
    assert grams(mg) == text


def test_shares_and_kilograms() -> None:
    assert [percent(ppm) for ppm in (310_000, 42_000, 1_600, 230)] == ["31 %", "4.2 %", "0.2 %", "0.023 %"]
    assert [kilograms(mg) for mg in (10_000_000, 12_440_000)] == ["10 kg", "12.4 kg"]


def test_the_planogram_of_the_demo_can_be_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "document.json"
    file.write_text(json.dumps(scenario.document(scenario.LAYOUT, scenario.SHARED)))
    assert partsbay.main(["planogram", "check", str(file)]) == 0
    assert capsys.readouterr().out == "24 bins: 0 refused, 0 warned about\n"


def test_the_command_writes_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bins = [{"bin": 1, "part": "A", "also": [{"part": "B"}]}, {"bin": 2, "part": "C"}]
    shop = document(cabinets=("cab-1",), parts=PARTS, bins=bins)
    file, found = tmp_path / "document.json", tmp_path / "found.json"
    file.write_bytes(encode_document(shop))
    assert partsbay.main(["planogram", "check", str(file), "--json", str(found), "--language", "zh"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "2 个货位：1 个不合格，0 个警告"
    table = json.loads(found.read_text())
    assert table == as_table(shop, check_planogram(shop))
    assert (table["refused"], [row["verdict"] for row in table["bins"]]) == (1, ["refused", "fine"])
    why = next(why for why in table["bins"][0]["why"] if (why["one"], why["other"]) == ({"A": 1}, {"B": 2}))
    assert (why["what"], why["apart_mg"]) == ("alike", 2000)


@pytest.mark.parametrize("content", ["no document", '{"dealers": []}'])
def test_a_file_that_is_no_document_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    file = tmp_path / "seed.json"
    file.write_text(content)
    assert partsbay.main(["planogram", "check", str(file)]) == 2
    assert "expected a shop's document, found" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert partsbay.main(["planogram", "check", str(tmp_path / "none.json")]) == 2
    assert "expected a shop's document at" in capsys.readouterr().err
