"""A cabinet's bins as its picture at the kiosk needs them."""

from edge_gateway.kiosk_frame import Visit, cabinet_name, part_name
from edge_gateway.shop_document import Cabinet
from edge_gateway.shop_rows import BinRow, PartRow
from page_kit.cabinet_face import BinFace, PartFace, astray


def bin_face(visit: Visit, cabinet: Cabinet, row: BinRow) -> BinFace:
    """One bin as the cabinet's picture needs it."""
    parts = [
        PartFace(
            held.part.number,
            part_name(visit.say, held.part),
            held.part.unit,
            held.stock,
            held.capacity,
            held.reorder_point,
            stray_words(visit, cabinet, held),
        )
        for held in row.parts
    ]
    return BinFace(row.bin, tuple(parts), row.questions)


def stray_words(visit: Visit, cabinet: Cabinet, held: PartRow) -> str:
    """Where a part belongs that strayed into a bin of a cabinet; empty for one that is where it should be."""
    if held.places is None:
        return ""
    names = {known.id: cabinet_name(visit.say, known) for known in visit.view.document.cabinets}
    return astray(visit.say, cabinet.id, held.places, names.__getitem__)
