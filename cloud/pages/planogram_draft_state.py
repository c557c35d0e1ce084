"""What somebody has changed in an open planogram and not sent yet. Knows no page and reads nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cloud.planogram_draft import BinDraft, CabinetDraft, Draft
from cloud.planogram_edit import Planogram, Preview
from edge_gateway.shop_document import Bin, Cabinet

Place = tuple[str, int]


@dataclass
class DraftState:
    """The planogram as it was seen, and the changes to it. `both`: bins that somebody else changed as well."""

    seen: Planogram
    bins: dict[Place, BinDraft] = field(default_factory=dict)
    cabinets: dict[str, CabinetDraft] = field(default_factory=dict)
    preview: Preview | None = None
    refusal: str = ""
    meanwhile: int = 0
    both: tuple[Place, ...] = ()

    @property
    def draft(self) -> Draft:
        """The changes as they are sent."""
        return Draft(self.seen.version, tuple(self.bins.values()), tuple(self.cabinets.values()))

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to send."""
        return bool(self.bins or self.cabinets)

    def stored(self, place: Place) -> Bin | None:
        """A bin as it was seen."""
        return _bins(self.seen).get(place)

    def bin(self, place: Place) -> BinDraft:
        """A bin as it is to be."""
        if place in self.bins:
            return self.bins[place]
        stored = self.stored(place)
        return BinDraft(*place, stored.parts, stored.cell) if stored else BinDraft(*place)

    def put(self, wanted: BinDraft) -> None:
        """Change a bin; one that is as it was is no change."""
        place = wanted.cabinet, wanted.bin
        stored = self.stored(place)
        if stored is not None and wanted == BinDraft(*place, stored.parts, stored.cell):
            self.bins.pop(place, None)
        else:
            self.bins[place] = wanted

    def undo(self) -> None:
        """Let every change go."""
        self.bins.clear()
        self.cabinets.clear()
        self.preview, self.refusal, self.meanwhile, self.both = None, "", 0, ()

    def cabinet_list(self) -> list[tuple[str, str, str, int]]:
        """(id, Chinese name, English name, doors) of every cabinet, new ones last."""
        known = {cabinet.id: cabinet for cabinet in self.seen.document.cabinets}
        listed = [_named(known[name], self.cabinets.get(name)) for name in known]
        added = (draft for name, draft in self.cabinets.items() if name not in known)
        return [*listed, *((draft.id, draft.name_zh, draft.name_en, draft.doors) for draft in added)]

    def pin_doors(self, cabinet: str) -> tuple[int, ...]:
        """The doors of a cabinet that are to ask for a PIN."""
        draft = self.cabinets.get(cabinet)
        if draft is not None and draft.pin_doors is not None:
            return draft.pin_doors
        known = (found.pin_doors for found in self.seen.document.cabinets if found.id == cabinet)
        return tuple(next(known, []))

    def turn_pin_door(self, cabinet: str, door: int) -> None:
        """A door is to ask for a PIN, or not any more."""
        self._put_pin_doors(cabinet, {*self.pin_doors(cabinet)} ^ {door})

    def ask_for_pins(self, cabinet: str, doors: Iterable[int]) -> None:
        """More doors of a cabinet are to ask for a PIN."""
        self._put_pin_doors(cabinet, {*self.pin_doors(cabinet), *doors})

    def _put_pin_doors(self, cabinet: str, doors: Iterable[int]) -> None:
        named = next(found for found in self.cabinet_list() if found[0] == cabinet)
        wanted = CabinetDraft(*named, tuple(sorted(doors)))
        stored = (found for found in self.seen.document.cabinets if found.id == cabinet)
        if any(wanted == CabinetDraft(*_named(found, None), tuple(found.pin_doors)) for found in stored):
            self.cabinets.pop(cabinet, None)
        else:
            self.cabinets[cabinet] = wanted

    def places(self, cabinet: str) -> list[Place]:
        """Every bin of a cabinet in order, new ones too."""
        found = {place for place in (*_bins(self.seen), *self.bins) if place[0] == cabinet}
        return sorted(found)

    def rebased(self, newest: Planogram) -> None:
        """Go on from a newer version with the same changes; say which bins were changed there, too."""
        before, now = _bins(self.seen), _bins(newest)
        self.both = tuple(place for place in self.bins if before.get(place) != now.get(place))
        self.seen, self.meanwhile = newest, newest.version


def _bins(planogram: Planogram) -> dict[Place, Bin]:
    return {(cabinet.id, bin_.bin): bin_ for cabinet in planogram.document.cabinets for bin_ in cabinet.bins}


def _named(cabinet: Cabinet, draft: CabinetDraft | None) -> tuple[str, str, str, int]:
    said = draft or cabinet
    return cabinet.id, said.name_zh, said.name_en, said.doors


def shown_places(places: tuple[Place, ...]) -> Iterator[str]:
    """Places as people read them."""
    return (f"{cabinet}/{number}" for cabinet, number in places)
