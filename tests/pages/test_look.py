"""How a cabinet is cut into doors, and that the reasons of discrepancies are all known."""

import re
from pathlib import Path

import pytest

from page_kit import reasons
from page_kit.cabinet_face import TEXTS, BinFace, PartFace, astray, split_doors
from page_kit.language import Say

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(
    ("bins", "doors", "shares"),
    [(12, 1, [12]), (24, 2, [12, 12]), (5, 2, [3, 2]), (1, 2, [1]), (0, 1, []), (6, 0, [6])],
)
def test_bins_are_shared_out_over_the_doors(bins: int, doors: int, shares: list[int]) -> None:
    faces = [BinFace(number) for number in range(1, bins + 1)]
    found = split_doors(faces, doors)
    assert [len(share) for share in found] == shares
    assert [face.bin for share in found for face in share] == list(range(1, bins + 1))


def test_a_bin_is_low_at_its_reorder_point() -> None:
    full, low = PartFace("A", stock=5, reorder_point=4), PartFace("A", stock=4, reorder_point=4)
    assert BinFace(1, (low,)).low
    assert BinFace(1, (full, low)).low
    assert not BinFace(1, (full, PartFace("B", stock=0, reorder_point=0))).low


def test_a_part_astray_is_told_where_it_belongs() -> None:
    say = Say("en", TEXTS)
    names = {"cab-1": "Cabinet 1", "cab-2": "Cabinet 2"}
    assert astray(say, "cab-1", [("cab-1", 4), ("cab-2", 9)], names.__getitem__) == "Belongs to bin 4"
    assert astray(say, "cab-1", [("cab-2", 9)], names.__getitem__) == "Belongs to Cabinet 2, bin 9"
    assert astray(say, "cab-1", [], names.__getitem__) == "Has no bin in this shop"


def test_every_reason_of_the_reconciliation_has_a_sentence() -> None:
    text = (ROOT / "edge_gateway" / "bin_changes.py").read_text()
    table = text.split("Reasons of a discrepancy", 1)[1].split('"""', 1)[0]
    rows = re.findall(r"^    (\w+(?:, \w+)*)  ", table, re.MULTILINE)
    names = {name for row in rows for name in row.split(", ")}
    assert len(names) >= 10
    assert {f"reason_{name}" for name in names} <= set(reasons.TEXTS)


def test_the_style_sheet_asks_nobody_for_anything() -> None:
    """A shop without internet has its kiosk: nothing in the look comes from elsewhere."""
    style = (ROOT / "page_kit" / "look.css").read_text()
    assert "@import" not in style
    assert "url(" not in style


def test_every_page_has_the_time_it_needs() -> None:
    parts = ("cloud", "edge_gateway", "simulator", "page_kit")
    sources = [path for part in parts for path in (ROOT / part).rglob("*.py")]
    assert [path.name for path in sources if "ui.page(" in path.read_text()] == ["address.py"]
