"""What people do at the bench that is kept: a part's mass taught, and a number given to a tag.

Part of `people_actions.py`: every input is checked and refused with a sentence, and nothing is written here. What was
weighed is judged again: a page is not believed.
"""

import json
import secrets
from typing import Final

from edge_gateway.decision import Decision, TagGiven
from edge_gateway.desk import Desk
from edge_gateway.kiosk_seam import ActionError, GiveTag, TagDone, TeachMass
from edge_gateway.learned import Learned, begun
from edge_gateway.serial_devices.scans import gtin14
from edge_gateway.serial_devices.tag_numbers import TagNumberError, drawn_serial, tag_number
from edge_gateway.serial_devices.teaching import Batch, Doubt, belief, judge
from edge_gateway.sgtin import read_sgtin
from edge_gateway.shop_document import Part
from edge_gateway.upload_format import TaughtMassItem

Decided = tuple[Decision, str]  # and the id of what it makes
_DRAWS: Final = 5


def decide(desk: Desk, action: TeachMass | GiveTag | TagDone) -> Decided:
    """The decision of an action at the bench, and the id of what it makes."""
    match action:
        case TeachMass():
            return _teach_mass(desk, action)
        case GiveTag():
            return _give_tag(desk, action)
    return _tag_done(desk, action)


def _teach_mass(desk: Desk, action: TeachMass) -> Decided:
    """What a piece weighs, by batches somebody counted: counting believes it from now on."""
    desk.check_person(action.person)
    part = _part(desk, action.part)
    if part.unit != "piece":
        raise ActionError(f"expected a part that is counted in pieces, found {part.number} in grams")
    batches = [Batch(*each) for each in action.batches]
    try:
        found = judge(batches, part.spread_mg)
    except ValueError as error:
        raise ActionError(str(error)) from error
    if isinstance(found, Doubt):
        raise ActionError(f"expected batches that agree, found: {found.problem}", "batches_disagree")
    identity = f"mass/{part.number}/{secrets.token_hex(6)}"
    told = json.dumps([list(each) for each in batches], separators=(",", ":"))
    figures = found.unit_mass_mg, found.error_mg, found.spread_mg, found.spread_max_mg
    before = part.unit_mass_mg, part.spread_mg
    decision = desk.decision("", "")
    decision.taught.append(
        TaughtMassItem(identity, part.number, *figures, told, action.scale, action.person, *before, desk.now_ms)
    )
    decision.masses[part.number] = taught_belief(decision.taught[0])
    return decision, identity


def taught_belief(item: TaughtMassItem) -> Learned:
    """What counting believes of a part since somebody weighed it."""
    batches = [Batch(*each) for each in json.loads(item.batches)]
    before = item.before_unit_mass_mg, item.before_spread_mg
    return begun(*before, belief(batches, item.before_spread_mg), item.id)


def _give_tag(desk: Desk, action: GiveTag) -> Decided:
    """A number for a tag of a part: kept before it is written, so that it is never given again."""
    desk.check_person(action.person)
    part = _part(desk, action.part)
    gtin = gtin14(part.gtin)
    if not gtin:
        raise ActionError(
            f"expected a GTIN of {part.number} in the catalogue, found {part.gtin!r}", "part_without_gtin"
        )
    for _ in range(_DRAWS):
        serial = drawn_serial()
        if desk.rows.one("select 1 from tag_serial where gtin = ? and serial = ?", (gtin, serial)) is None:
            break
    try:
        epc = tag_number(gtin, serial, action.company_digits)
    except TagNumberError as error:
        raise ActionError(str(error)) from error
    decision = desk.decision("", "")
    decision.tags_given.append(TagGiven(gtin, serial, epc, part.number, action.was, action.person, desk.now_ms))
    return decision, epc


def _tag_done(desk: Desk, action: TagDone) -> Decided:
    """A tag was read back with its new number."""
    given = desk.rows.one("select part from tag_serial where epc = ?", (action.epc,))
    if given is None:
        raise ActionError(f"expected a number that was given here, found {action.epc!r}")
    decision = desk.decision("", "")
    if desk.rows.one("select 1 from tag_written where epc = ?", (action.epc,)) is None:
        decision.tags_written.append((action.epc, desk.now_ms))
    return decision, str(read_sgtin(action.epc).serial)


def _part(desk: Desk, number: str) -> Part:
    part = desk.plan.catalogue.get(number)
    if part is None:
        raise ActionError(f"expected a part of this shop, found {number!r}", "unknown_part")
    return part
