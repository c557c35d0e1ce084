"""A dealer's catalogue as it could be: parts of all five categories with numbers, prices and what they fit. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from cloud.fleet_seed.part_words import BRANDS, KINDS, Kind
from cloud.fleet_seed.vehicle_words import MODELS
from cloud.tables import CataloguePart, CatalogueRevision, CrossReference, Fitment, PartPrice, Table
from edge_gateway.part_words import make_key, model_key, plain_number
from edge_gateway.shop_document import Part

TAX_PPM = 130_000
COMPETITORS = ("FEBI", "SAMPA", "LEMA", "DT Spare Parts")


@dataclass(frozen=True)
class Offer:
    """A part a dealer sells, and what the planograms need to know of it."""

    part: Part
    kind: Kind
    need: float
    models: tuple[int, ...]  # places in MODELS; () fits every vehicle


def offers(draw: Random, dealer: int) -> list[Offer]:
    """What the dealer of that number sells: no two dealers' parts share a number."""
    return [
        _offer(draw, dealer, place, variant, kind)
        for place, kind in enumerate(KINDS)
        for variant in range(draw.randint(4, 8))
    ]


def _offer(draw: Random, dealer: int, place: int, variant: int, kind: Kind) -> Offer:
    letters = "".join(word[0] for word in kind.en.upper().split() if word[0].isalpha())[:3]
    is_general = kind.grams < 160 or kind.unit == "gram" or draw.random() < 0.1
    models = () if is_general else tuple(sorted(draw.sample(range(len(MODELS)), draw.randint(1, 4))))
    suffix = f" {MODELS[models[0]].model}" if models else ("", " A", " B", " C", " D", " E", " F", " G")[variant]
    grams = max(1, round(kind.grams * draw.uniform(0.8, 1.25)))
    part = Part(
        number=f"{letters}-{dealer}{place:02d}{variant}",
        name_zh=kind.zh + suffix,
        name_en=kind.en + suffix,
        unit="gram" if kind.unit == "gram" else "piece",
        brand=draw.choice(BRANDS[kind.category]),
        unit_mass_mg=grams * 1000,
        spread_mg=max(20, grams * 3),
        pack_size=kind.pack,
        price_minor=max(20, round(kind.yuan * 100 * draw.uniform(0.7, 1.5))) if kind.unit == "piece" else 3,
    )
    return Offer(part, kind, kind.need * draw.lognormvariate(0, 0.7) / 6, models)


def catalogue_rows(draw: Random, dealer: str, sold: list[Offer], from_ms: int) -> Iterator[Table]:
    """All rows of a dealer's catalogue."""
    yield CatalogueRevision(dealer_id=dealer, revision=len(sold))
    for revision, offer in enumerate(sold, 1):
        yield _part_row(draw, dealer, offer, sold, revision)
        yield from _prices(draw, dealer, offer.part, from_ms)
        yield from _references(draw, dealer, offer)


def fitments(draw: Random, dealer: str, sold: list[Offer]) -> list[Fitment]:
    """Which models the parts fit."""
    return [
        Fitment(
            dealer_id=dealer,
            part=offer.part.number,
            make=MODELS[place].make,
            model=MODELS[place].model,
            engine=_engine(offer, place),
            make_key=make_key(MODELS[place].make),
            model_key=model_key(MODELS[place].model),
            engine_key=model_key(_engine(offer, place)),
            from_year=MODELS[place].from_year,
            to_year=MODELS[place].to_year,
            quantity=draw.choice((0, 1, 1, 2)),
        )
        for offer in sold
        for place in offer.models
    ]


def _engine(offer: Offer, place: int) -> str:
    return MODELS[place].engine if offer.kind.category == "engine" else ""


def _part_row(draw: Random, dealer: str, offer: Offer, sold: list[Offer], revision: int) -> CataloguePart:
    part = offer.part
    newer = sold[revision] if revision < len(sold) and sold[revision].kind is offer.kind else None
    return CataloguePart(
        dealer_id=dealer,
        number=part.number,
        plain=plain_number(part.number),
        name_zh=part.name_zh,
        name_en=part.name_en,
        brand=part.brand,
        category=offer.kind.category,
        unit=part.unit,
        unit_mass_mg=part.unit_mass_mg,
        spread_mg=part.spread_mg,
        pack_size=part.pack_size,
        superseded_by=newer.part.number if newer and draw.random() < 0.03 else "",
        revision=revision,
    )


def _prices(draw: Random, dealer: str, part: Part, from_ms: int) -> Iterator[PartPrice]:
    day = datetime.fromtimestamp(from_ms / 1000, UTC).date()
    yield _price(dealer, part, day.isoformat(), part.price_minor)
    if draw.random() < 0.3:
        later = datetime.fromtimestamp((from_ms + draw.randint(60, 300) * 86_400_000) / 1000, UTC).date()
        yield _price(dealer, part, later.isoformat(), round(part.price_minor * draw.uniform(1.02, 1.15)))


def _price(dealer: str, part: Part, day: str, minor: int) -> PartPrice:
    return PartPrice(dealer_id=dealer, part=part.number, from_day=day, price_minor=minor, tax_ppm=TAX_PPM)


def _references(draw: Random, dealer: str, offer: Offer) -> Iterator[CrossReference]:
    for place in offer.models[:2]:
        number = f"{draw.choice(('WG', 'VG', 'DZ', 'A', '1000'))}{draw.randrange(10**8):08d}"
        yield _reference(dealer, offer, "oe", MODELS[place].make, number)
    if draw.random() < 0.6:
        brand = draw.choice(COMPETITORS)
        number = f"{draw.randrange(100):02d}.{draw.randrange(1000):03d}-{draw.randrange(100):02d}"
        yield _reference(dealer, offer, "competitor", brand, number)


def _reference(dealer: str, offer: Offer, kind: str, brand: str, number: str) -> CrossReference:
    plain = plain_number(number)
    return CrossReference(dealer_id=dealer, part=offer.part.number, kind=kind, brand=brand, number=number, plain=plain)
