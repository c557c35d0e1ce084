"""Fitment from an ACES file (3.x or 4.x), application by application, and fitment as ACES 4.2.

ACES names vehicles, engines and positions by ids of its own tables, which are not in the file. A base vehicle's id is
kept as such; the others are kept as text such as `VCdb 1023`, and whatever narrows an application further (submodel,
region, qualifiers) is kept in its note, so that nothing fits more vehicles here than it does there.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final
from xml.etree.ElementTree import Element, ParseError  # what iterparse yields and raises
from xml.sax.saxutils import escape, quoteattr

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from cloud.catalogue.imports.cells import Line
from cloud.catalogue.imports.file_error import FileError

# The columns of a line, as those of a fitment table.
COLUMNS: Final = (
    "action", "part", "make", "model", "engine", "from_year", "to_year", "base_vehicle", "position", "quantity", "note"
)  # fmt: skip
_ENGINES: Final = ("EngineBase", "EngineBlock")
_TAKEN: Final = {
    "BaseVehicle",
    "Years",
    "Make",
    "Model",
    "Position",
    "Qty",
    "Part",
    "PartType",
    "Note",
    "Qual",
    *_ENGINES,
}
_WORDS: Final = {"MfrLabel"}  # further text of an application
_SHOWING: Final = {"DisplayOrder", "AssetName", "AssetItemOrder", "AssetItemRef"}  # how it is shown, not what it fits
NOTE_CHARACTERS_MAX = 500


@dataclass
class AcesFile:
    """What an ACES file says of itself; filled in while its applications are read."""

    version: str = ""
    header: dict[str, str] = field(default_factory=dict)
    told: int | None = None
    applications: int = 0
    skipped: Counter[str] = field(default_factory=Counter)


def aces_lines(data: bytes, about: AcesFile) -> Iterator[Line]:
    """Every application as a line of `COLUMNS`, numbered as they come; the footer is checked last (`FileError`)."""
    try:
        yield from _lines(data, about)
    except ParseError as error:
        line = error.position[0] if getattr(error, "position", None) else 0
        raise FileError("xml_broken", line=line, found=str(error)) from error
    except DefusedXmlException as error:
        raise FileError("xml_entities") from error
    except (LookupError, ValueError) as error:
        if isinstance(error, FileError):
            raise
        raise FileError("xml_broken", line=0, found=str(error)[:120]) from error  # an encoding nobody knows
    if about.told is None:
        raise FileError("aces_footer")
    if about.told != about.applications:
        raise FileError("aces_count", told=about.told, found=about.applications)


def _lines(data: bytes, about: AcesFile) -> Iterator[Line]:
    root: Element | None = None
    depth = 0
    for event, element in iterparse(BytesIO(data), events=("start", "end"), forbid_dtd=True):
        if event == "start":
            depth += 1
            if root is None:
                root = element
                _begin(element, about)
            continue
        depth -= 1
        if depth != 1 or root is None:
            continue
        name = _name(element)
        if name == "App":
            about.applications += 1
            yield Line(about.applications, _application(element))
        elif name == "Header":
            about.header = {_name(child): (child.text or "").strip() for child in element}
        elif name == "Footer":
            about.told = _count(element)
        else:
            about.skipped[name] += 1
        root.clear()  # what has been read is let go


def _begin(root: Element, about: AcesFile) -> None:
    if _name(root) != "ACES":
        raise FileError("aces_not", found=_name(root)[:60])
    about.version = root.get("version", "")
    if about.version.split(".")[0] not in {"3", "4"}:
        raise FileError("aces_version", found=about.version or "?")


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _count(footer: Element) -> int | None:
    for child in footer:
        if _name(child) == "RecordCount" and (child.text or "").strip().isdecimal():
            return int((child.text or "").strip())
    return None


def _application(app: Element) -> tuple[str, ...]:
    children: dict[str, Element] = {}
    notes: list[str] = []
    for child in app:
        name = _name(child)
        if name in _TAKEN - {"Note", "Qual"}:
            children.setdefault(name, child)
        elif name not in _SHOWING:
            notes.append(_note(name, child))
    years = children.get("Years")
    engine = next((children[name] for name in _ENGINES if name in children), None)
    return (
        app.get("action", ""),
        _text(children.get("Part")),
        _named(children.get("Make")),
        _named(children.get("Model")),
        _named(engine),
        years.get("from", "") if years is not None else "",
        years.get("to", "") if years is not None else "",
        _id(children.get("BaseVehicle")),
        _named(children.get("Position"), "PCdb"),
        _text(children.get("Qty")),
        "; ".join(note for note in notes if note),
    )


def _note(name: str, element: Element) -> str:
    """What further narrows an application, in words or as the id of a table."""
    if name == "Note" or name in _WORDS:
        return _text(element)
    if name == "Qual":
        text = next((_text(child) for child in element if _name(child) == "text"), "")
        values = " ".join(child.get("value", "") + child.get("uom", "") for child in element if _name(child) == "param")
        return text or " ".join(part for part in ("Qual", _id(element), values) if part)
    return " ".join(part for part in (name, _id(element), _text(element)) if part)


def _named(element: Element | None, table: str = "VCdb") -> str:
    """A text, or the id of one of ACES's tables."""
    return "" if element is None else _text(element) or f"{table} {_id(element)}"


def _id(element: Element | None) -> str:
    return "" if element is None else element.get("id", "").strip()


def _text(element: Element | None) -> str:
    return "" if element is None else " ".join((element.text or "").split())


# ---- writing ----


@dataclass(frozen=True, slots=True)
class Application:
    """One line of fitment as it is written."""

    part: str
    make: str
    model: str
    engine: str
    from_year: int
    to_year: int
    base_vehicle: int
    position: str
    quantity: int
    note: str


def aces_xml(applications: Sequence[Application], company: str, today: str, part_type: int) -> Iterator[str]:
    """An ACES 4.2 file, piece by piece. What has no id of ACES's tables is written as its text."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ACES version="4.2">\n<Header>'
        f"<Company>{escape(company)}</Company><TransferDate>{today}</TransferDate>"
        f"<DocumentTitle>{escape(company)}</DocumentTitle><EffectiveDate>{today}</EffectiveDate>"
        "<SubmissionType>FULL</SubmissionType></Header>\n"
    )
    for number, application in enumerate(applications, 1):
        yield _xml(number, application, part_type)
    yield f"<Footer><RecordCount>{len(applications)}</RecordCount></Footer>\n</ACES>\n"


def _xml(number: int, row: Application, part_type: int) -> str:
    pieces = [f'<App action="A" id="{number}">']
    if row.base_vehicle:
        pieces.append(f'<BaseVehicle id="{row.base_vehicle}"/>')
    if row.from_year or row.to_year:
        pieces.append(f'<Years from="{row.from_year or ""}" to="{row.to_year or ""}"/>')
    pieces += [
        _coded("Make", "VCdb", row.make),
        _coded("Model", "VCdb", row.model),
        _coded("EngineBase", "VCdb", row.engine),
    ]
    if row.note:
        pieces.append(f"<Note>{escape(row.note)}</Note>")
    pieces.append(f"<Qty>{row.quantity}</Qty>" if row.quantity else "")
    pieces += [
        f'<PartType id="{part_type}"/>',
        _coded("Position", "PCdb", row.position),
        f"<Part>{escape(row.part)}</Part>",
    ]
    return "".join(pieces) + "</App>\n"


def _coded(name: str, table: str, value: str) -> str:
    """An element that names an id, or says a text."""
    if not value:
        return ""
    code = value.removeprefix(f"{table} ")
    return (
        f"<{name} id={quoteattr(code)}/>" if code != value and code.isdecimal() else f"<{name}>{escape(value)}</{name}>"
    )
