"""What the API shows and takes of planograms. Sentences are in the language that was asked for."""

from typing import Annotated, Literal

from msgspec import structs
from pydantic import Field

from cloud.planogram_changes import Told
from cloud.planogram_draft import BINS_MAX, PARTS_MAX, BinDraft, CabinetDraft, Draft
from cloud.planogram_edit import Planogram, Preview, Version
from cloud.views import Count, PartName, TimeMs, View
from edge_gateway.planogram_check import CheckedBin
from edge_gateway.planogram_words import SAYS, bin_lines
from edge_gateway.shop_document import OPENING_MAX, BinPart, CellName, Part, ShopDocument
from page_kit.language import Language

Amount = Annotated[int, Field(ge=0, le=OPENING_MAX, description="pieces, or grams for bulk", examples=[12])]


class PlacedPart(View):
    """A part in a bin, and its policy."""

    part: str = Field(min_length=1, max_length=64, examples=["WK-1060"])
    capacity: Amount = 0
    reorder_point: Amount = 0
    order_up_to: Amount = 0
    dead_band: Annotated[int, Field(ge=0, le=OPENING_MAX, description="grams below which bulk is not booked")] = 0
    opening: Annotated[int | None, Field(ge=0, le=OPENING_MAX, description="counted when it was first filled")] = None


class PlannedBin(View):
    """A bin of yours and what it holds by the planogram."""

    bin: int = Field(ge=1, le=BINS_MAX, examples=[3])
    cell: CellName = "c3-10kg"
    parts: list[PlacedPart] = Field(default=[], max_length=PARTS_MAX)


class PlannedCabinet(View):
    """A cabinet with the bins of yours in it."""

    id: str = Field(examples=["cab-1"])
    name_zh: str
    name_en: str
    doors: Count
    pin_doors: list[int] = Field(default=[], description="doors that ask for a PIN beside a badge", examples=[[2]])
    bins: list[PlannedBin]


class PlannedPart(PartName):
    """What the gateway knows of a part."""

    unit_mass_mg: Count
    spread_mg: Count
    pack_size: Count
    gtin: str


class BinFinding(View):
    """What the planogram check says of a bin that is not fine."""

    cabinet: str = Field(examples=["cab-1"])
    bin: int = Field(examples=[9])
    verdict: Literal["fine", "warned", "refused"]
    wrong_ppm: Count = Field(description="how many sessions would be counted wrong, parts per million")
    sentences: list[str]


class PlanogramView(View):
    """Your planogram of a shop. `is_host`: the cabinets are yours, and not only bins in them."""

    version: int = Field(examples=[7])
    in_force: list[int] = Field(description="the version each of the shop's gateways works from", examples=[[7]])
    is_host: bool
    cabinets: list[PlannedCabinet]
    parts: list[PlannedPart]
    findings: list[BinFinding]


class DraftedBin(PlannedBin):
    """A bin as it shall be. `hand_over`: the dealer it is to belong to, empty for the shop's own; null: as it is."""

    cabinet: str = Field(min_length=1, max_length=64, examples=["cab-1"])
    hand_over: str | None = Field(default=None, max_length=64)


class DraftedCabinet(View):
    """A cabinet that is new, or is called otherwise."""

    id: str = Field(min_length=1, max_length=64, examples=["cab-3"])
    name_zh: str = Field(default="", max_length=64)
    name_en: str = Field(default="", max_length=64)
    doors: int = Field(default=1, ge=1, le=16)
    pin_doors: list[Annotated[int, Field(ge=1, le=16)]] | None = Field(
        default=None,
        max_length=16,
        description="doors that ask for a PIN beside a badge; null: as before",
        examples=[[2]],
    )


class PlanogramDraft(View):
    """Changed bins and cabinets alone: everything else stays. `version`: in which they were changed."""

    version: int = Field(ge=0, le=2**53, examples=[7])
    bins: list[DraftedBin] = Field(default=[], max_length=4096)
    cabinets: list[DraftedCabinet] = Field(default=[], max_length=64)


class PlanogramSaving(PlanogramDraft):
    """A draft to put into force. `force`: although bins cannot be counted by weight."""

    force: bool = False


class PlannedChange(View):
    """One thing that a draft changes, or warns about."""

    cabinet: str
    bin: int = Field(description="0: the cabinet itself", examples=[3])
    sentence: str
    warning: bool = Field(description="what it means for what lies there now")


class PlanogramPreview(View):
    """What a draft would come to."""

    newest: int = Field(description="the newest version: another than the draft's when somebody changed it meanwhile")
    findings: list[BinFinding] = Field(description="of changed bins that are not fine")
    changes: list[PlannedChange]


class PlanogramSaved(View):
    """The version that is now the newest; its gateway fetches it by itself."""

    version: int = Field(examples=[8])
    changed: bool


class PlanogramVersion(View):
    """A version in which your planogram became another."""

    version: int = Field(examples=[7])
    stored_ms: TimeMs
    who: str = Field(description="empty: not by a person of yours", examples=["李经理"])
    restored: bool = Field(description="an older version was put into force again")
    changes: list[PlannedChange]


class PlanogramRestoring(View):
    """`version`: the newest that was seen."""

    version: int = Field(ge=0, le=2**53, examples=[9])


def planogram_view(found: Planogram, language: Language) -> PlanogramView:
    """A planogram as it is shown."""
    return PlanogramView(
        version=found.version,
        in_force=list(found.in_force),
        is_host=found.is_host,
        cabinets=cabinet_views(found.document),
        parts=[part_view(part) for part in found.document.parts],
        findings=findings(found.checked, language),
    )


def cabinet_views(document: ShopDocument) -> list[PlannedCabinet]:
    """The cabinets of a view."""
    return [
        PlannedCabinet(
            id=cabinet.id,
            name_zh=cabinet.name_zh,
            name_en=cabinet.name_en,
            doors=max(0, cabinet.doors),
            pin_doors=list(cabinet.pin_doors),
            bins=[
                PlannedBin.model_construct(
                    bin=bin_.bin,
                    cell=bin_.cell,
                    parts=[PlacedPart.model_construct(**structs.asdict(placed)) for placed in bin_.parts],
                )
                for bin_ in cabinet.bins
            ],
        )
        for cabinet in document.cabinets
    ]


def part_view(part: Part) -> PlannedPart:
    """A part as the document knows it."""
    return PlannedPart(
        number=part.number,
        name_zh=part.name_zh,
        name_en=part.name_en,
        unit=part.unit,
        brand=part.brand,
        unit_mass_mg=max(0, part.unit_mass_mg),
        spread_mg=max(0, part.spread_mg),
        pack_size=max(0, part.pack_size),
        gtin=part.gtin,
    )


def findings(checked: tuple[CheckedBin, ...], language: Language) -> list[BinFinding]:
    """What is not fine, in the words of the planogram check."""
    return [
        BinFinding(
            cabinet=found.cabinet,
            bin=found.bin,
            verdict=found.verdict,
            wrong_ppm=found.check.wrong_ppm,
            sentences=[line.strip() for line in bin_lines(found, SAYS[language])],
        )
        for found in checked
        if found.verdict != "fine"
    ]


def change_views(told: tuple[Told, ...], language: Language) -> list[PlannedChange]:
    """What differs, in words."""
    return [
        PlannedChange(cabinet=each.cabinet, bin=each.bin, sentence=each.sentence(language), warning=each.warns)
        for each in told
    ]


def preview_view(found: Preview, language: Language) -> PlanogramPreview:
    """What a draft would come to."""
    return PlanogramPreview(
        newest=found.newest, findings=findings(found.checked, language), changes=change_views(found.changes, language)
    )


def version_view(found: Version, language: Language) -> PlanogramVersion:
    """A version of the past."""
    return PlanogramVersion(
        version=found.version,
        stored_ms=found.stored_ms,
        who=found.who,
        restored=found.restored,
        changes=change_views(found.changes, language),
    )


def draft_of(given: PlanogramDraft) -> Draft:
    """A draft as it is laid over the document."""
    return Draft(
        given.version,
        tuple(
            BinDraft(
                bin_.cabinet,
                bin_.bin,
                tuple(BinPart(**placed.model_dump()) for placed in bin_.parts),
                bin_.cell,
                bin_.hand_over,
            )
            for bin_ in given.bins
        ),
        tuple(CabinetDraft(**cabinet.model_dump()) for cabinet in given.cabinets),
    )
