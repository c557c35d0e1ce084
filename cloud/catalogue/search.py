"""One box for everything: finds out what a text means, and answers with vehicles and parts, best first.

In this order: a VIN, a plate, the last 8 of a VIN, a number (exact, then beginning so), words; a number with a typing
error is tried where no word is known. A plate or a VIN may stand beside words ("鲁B12345 机滤"): then parts that fit
the vehicle are searched. The answer says how each piece was understood.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlmodel import Session

from cloud.catalogue.fitting import VehicleKind, fitting_parts
from cloud.catalogue.ordinals import set_of
from cloud.catalogue.search_numbers import NumberFound, by_beginning, by_number, mistyped
from cloud.catalogue.search_rank import Match, ranked, shorten, shortlist
from cloud.catalogue.search_vehicles import TAIL, by_plate_or_tail, by_vin, looks_like_plate, looks_like_vin
from cloud.catalogue.search_views import SearchAnswer, Understood, UnderstoodAs, VehicleHit
from cloud.catalogue.search_words import by_text
from cloud.catalogue.usual_parts import ordinals_of
from cloud.catalogue.vehicle_of_vin import vehicle_of_vin
from cloud.catalogue.vin import plain_vin
from cloud.catalogue.vin_views import Known, VinAnswer, VinVehicle
from cloud.tenancy import TenantId
from edge_gateway.part_words import plain_number

TYPED_MAX = 200
HITS_MAX = 100
_KINDS: dict[str, UnderstoodAs] = {
    "part_number": "part_number",
    "oe": "oe_number",
    "competitor": "competitor_number",
    "old": "old_number",
    "gtin": "gtin",
}


@dataclass
class _Found:
    """What is known so far."""

    understood: list[Understood] = field(default_factory=list)
    vin: VinAnswer | None = None
    vehicles: list[VehicleHit] = field(default_factory=list)
    matches: dict[str, Match] = field(default_factory=dict)
    total: int = 0


@dataclass(frozen=True)
class Search:
    """A search in an open transaction of a tenant."""

    session: Session
    tenant: TenantId
    now_ms: int

    def answer(self, typed: str, limit: int = 20) -> SearchAnswer:
        """What is found for a text."""
        text = " ".join(typed[:TYPED_MAX].replace("\0", " ").split())
        found = _Found()
        rest = self._vehicles(text, found)
        asked = self._parts(text, rest, found)
        hits = ranked(self.session, self.tenant, found.matches, asked, min(limit, HITS_MAX))
        if not found.understood:
            found.understood.append(Understood(text=text, kind="nothing", value="", found=False))
        return SearchAnswer(
            typed=typed,
            understood=found.understood,
            vin=found.vin,
            vehicles=found.vehicles,
            hits=hits,
            total=max(found.total, len(hits)),
        )

    def _vehicles(self, text: str, found: _Found) -> str:
        """Take VINs and plates out of the text; what is left of it."""
        if self._vehicle(text, found):
            return ""
        pieces = text.split(" ")
        for at, piece in enumerate(pieces if len(pieces) > 1 else ()):
            if (looks_like_vin(piece) or looks_like_plate(piece)) and self._vehicle(piece, found):
                return " ".join(pieces[:at] + pieces[at + 1 :])
        return text

    def _vehicle(self, text: str, found: _Found) -> bool:
        if looks_like_vin(text):
            return self._vin(text, found)
        known = by_plate_or_tail(self.session, self.tenant, text)
        if not known:
            return False
        found.vehicles = known
        by_its_tail = plain_vin(text) == known[0].vin[-TAIL:]
        kind: UnderstoodAs = "vin_tail" if by_its_tail else "plate"
        found.understood.append(Understood(text=text, kind=kind, value=known[0].vin if by_its_tail else known[0].plate))
        if looks_like_vin(known[0].vin):
            found.vin = self._read_vin(known[0].vin)
        return True

    def _vin(self, text: str, found: _Found) -> bool:
        answer = self._read_vin(text)
        vehicles = by_vin(self.session, self.tenant, answer.vin)
        known = answer.vehicle != VinVehicle() or bool(vehicles)
        if not known and by_number(self.session, self.tenant, text):
            return False
        found.vin, found.vehicles = answer, vehicles
        corrected = any(each.key == "corrected" for each in answer.findings)
        found.understood.append(Understood(text=text, kind="vin", value=answer.vin, mistyped=corrected))
        return True

    def _read_vin(self, text: str) -> VinAnswer:
        return vehicle_of_vin(self.session, self.tenant, text, time.gmtime(self.now_ms / 1000).tm_year)

    def _parts(self, text: str, rest: str, found: _Found) -> str:
        """Find the parts; the words they are compared with."""
        if found.understood:
            self._fitting(rest, found)
            return rest
        if not text or self._numbers(text, found):
            return text
        self._words(text, found)
        if not found.matches:
            self._strange_number(text, found)
        return text

    def _fitting(self, rest: str, found: _Found) -> None:
        """The parts that fit the vehicle, of these the ones the rest of the text asks for."""
        parts = fitting_parts(self.session, self.tenant, _kind_of(found))
        if rest:
            ordinals = ordinals_of(self.session, self.tenant, parts)
            by_ordinal = {ordinal: part for part, ordinal in ordinals.items()}
            words = by_text(self.session, self.tenant, rest)
            found.understood += words.understood
            bits = words.bits & set_of(by_ordinal)
            parts = [part for ordinal, part in sorted(by_ordinal.items()) if bits >> ordinal & 1]
        found.total = len(parts)
        found.matches = {part: Match("fits", score=100) for part in shorten(self.session, self.tenant, parts)}

    def _numbers(self, text: str, found: _Found) -> bool:
        """Take the whole text for a number; whether anything has it, or begins so."""
        if not _looks_like_number(text):
            return False
        exact, longer = by_beginning(self.session, self.tenant, text, HITS_MAX)
        if not exact and not longer:
            return False
        self._take(exact + longer, found)
        kinds = {each.kind: each.number for each in reversed(exact)} if exact else {}
        found.understood += [
            Understood(text=text, kind=_KINDS[kind], value=number) for kind, number in reversed(kinds.items())
        ] or [Understood(text=text, kind="beginning", value=plain_number(text))]
        if not exact and not text.replace(" ", "").isdigit():
            self._words_beside(text, found)
        return True

    def _strange_number(self, text: str, found: _Found) -> None:
        """A number that looks like none, as one without digits: when nothing else is meant by the text."""
        exact = by_number(self.session, self.tenant, text)
        if exact:
            self._take(exact, found)
            found.understood = [Understood(text=text, kind=_KINDS[exact[0].kind], value=exact[0].number)]

    def _words_beside(self, text: str, found: _Found) -> None:
        """What only begins like a number may be an engine or a model all the same."""
        words = by_text(self.session, self.tenant, text)
        if words.bits and not words.left_out and not any(each.mistyped for each in words.understood):
            self._take_words(words.bits, 95, found)
            found.understood = words.understood + found.understood

    def _take(self, numbers: Iterable[NumberFound], found: _Found) -> None:
        for each in numbers:
            if each.part not in found.matches:
                found.matches[each.part] = Match(each.how, each.number, each.brand, each.score)
        found.total = len(found.matches)

    def _take_words(self, bits: int, score: int, found: _Found) -> None:
        for part in shortlist(self.session, self.tenant, bits):
            found.matches.setdefault(part, Match("words", score=score))
        found.total += bits.bit_count()

    def _words(self, text: str, found: _Found) -> None:
        words = by_text(self.session, self.tenant, text)
        numbers = [
            each
            for word in words.left_out
            if word.kind == "word" and any(letter.isdigit() for letter in word.text)
            for each in by_number(self.session, self.tenant, word.text)
        ]
        unsure = not words.bits or words.left_out or any(each.mistyped for each in words.understood)
        if not numbers and unsure and _looks_like_number(text):
            numbers = mistyped(self.session, self.tenant, text)
        if numbers:
            self._take(numbers, found)
            found.understood += [
                Understood(
                    text=text,
                    kind=_KINDS[numbers[0].kind],
                    value=numbers[0].number,
                    mistyped=numbers[0].how == "mistyped",
                )
            ]
            return
        found.understood += words.understood
        if words.bits:
            self._take_words(words.bits, 100 * words.matched // max(1, len(words.understood)), found)


def _looks_like_number(text: str) -> bool:
    plain = plain_number(text)
    return len(plain) >= 3 and any(letter.isdigit() for letter in plain) and plain.isascii()


def _kind_of(found: _Found) -> VehicleKind:
    """What the vehicle is: by its file, and where that says nothing by its VIN."""
    file = found.vehicles[0] if found.vehicles else None
    read = found.vin.vehicle if found.vin else VinVehicle()
    year = read.year if read.year and read.year.sure != "guess" else None
    return VehicleKind(
        make=(file.make if file else "") or _value(read.make),
        model=(file.model if file else "") or _value(read.model),
        engine=(file.engine if file else "") or _value(read.engine),
        year=(file.year if file else 0) or int(_value(year) or 0),
    )


def _value(known: Known | None) -> str:
    return known.value if known else ""
