"""The dealer's catalogue (电子目录) on its way to a gateway, page by page, so that the kiosk searches without internet.

Pure; imported by both sides, and the only definition. `GET /api/gateway/catalogue?after=REVISION&behind=NUMBER` answers
a `CataloguePage`: parts in the order of (revision, number), from behind that place on. A part that changes gets the
dealer's next revision and so comes again; asking again for a page does no harm; a page cut short is asked for again.
`GET /api/gateway/catalogue/in-bins` answers the parts that lie in the shop's bins, of guest dealers as well.
What a part costs does not travel.
"""

import msgspec

PAGE_PARTS_MAX = 2000
REFERENCES_MAX = 60
FITS_MAX = 40


class CatalogueError(ValueError):
    """A page of the catalogue cannot be understood; the text says what was expected and what was found."""


class Reference(msgspec.Struct, array_like=True, frozen=True):
    """Another number of a part: [kind, brand, number], of kind `oe`, `competitor` or `old`."""

    kind: str
    brand: str
    number: str


class Fits(msgspec.Struct, array_like=True, frozen=True):
    """A vehicle that a part fits: [make, model, engine, from year, to year, position]; "" and 0 restrict nothing."""

    make: str
    model: str
    engine: str = ""
    from_year: int = 0
    to_year: int = 0
    position: str = ""


class CataloguePart(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part as the kiosk shows and finds it. `fits_more`: so many vehicles besides those in `fits`."""

    number: str
    name_zh: str = ""
    name_en: str = ""
    brand: str = ""
    category: str = ""
    unit: str = "piece"
    pack_size: int = 1
    replaced_by: str = ""
    withdrawn: bool = False
    references: list[Reference] = []
    fits: list[Fits] = []
    fits_more: int = 0


class CataloguePage(msgspec.Struct, frozen=True):
    """Parts behind a place, and the place behind them. `newest` is the dealer's newest revision.

    `last`: nothing lies behind this page. Then `held` is how many parts the dealer has, to be compared.
    """

    dealer: str
    newest: int
    after: int
    behind: str
    last: bool
    held: int
    parts: list[CataloguePart]


encode_page = msgspec.json.Encoder().encode
encode_part = msgspec.json.Encoder().encode
decode_part = msgspec.json.Decoder(CataloguePart).decode
_decode_page = msgspec.json.Decoder(CataloguePage).decode


def decode_page(data: bytes) -> CataloguePage:
    """A page of the catalogue; `CatalogueError` when it is not one."""
    try:
        page = _decode_page(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise CatalogueError(f"expected a page of the catalogue, found {data[:60]!r} ({error})") from error
    if not page.last and not page.parts:
        raise CatalogueError("expected parts on every page but the last, found none")
    return page
