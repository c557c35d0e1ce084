"""Files to import, sound and broken, made on the spot."""

import gzip
import io
import zipfile
from collections.abc import Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook

PARTS = (
    "配件编号,中文名称,英文名称,品牌,类别,单位,单件质量(g),质量偏差(g),包装数,条码,替代为,停用,保质期(天)\n"
    "FK-1,柴油滤清器,Diesel filter,法士特,发动机件,件,850.5,1.5,6,6901234567892,FK-2,,\n"
    "FK-2,新柴油滤清器,New diesel filter,法士特,发动机件,件,851,1.5,6,,,,730\n"
    'FK-3,"螺栓, M12",Bolt,,底盘件,克,,,,,,是,\n'
)


def xlsx(
    rows: Sequence[Sequence[Any]], *, formats: dict[str, str] | None = None, sheets: Sequence[str] = ("表",)
) -> bytes:
    """A file of Excel's whose first sheet has these rows; `formats`: by cell."""
    book = Workbook()
    book.remove(book.active)
    for name in sheets:
        book.create_sheet(name)
    for row in rows:
        book[sheets[0]].append(row)
    for place, shape in (formats or {}).items():
        book[sheets[0]][place].number_format = shape
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    """An archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


def changed_member(data: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """An archive in which one member says something else."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    assert old in members[name]
    return zipped({**members, name: members[name].replace(old, new)})


def zip_bomb() -> bytes:
    """Some kilobytes that become 24 MB."""
    return zipped({"parts.csv": b"a,b\n" + b"0" * (24 << 20)})


def gzip_bomb() -> bytes:
    """The same by gzip, 16 MB."""
    return gzip.compress(b"0" * (16 << 20), 9)


APPS = (
    '<App action="A" id="1"><BaseVehicle id="19129"/><Note>carbon version</Note><Qty>1</Qty><PartType id="6832"/>'
    '<Position id="22"/><Part>AQ-1</Part></App>',
    '<App action="A" id="2"><BaseVehicle id="19129"/><SubModel id="18"/><Qual id="14"><param value="3"/>'
    '<text>with 3 doors</text></Qual><Qty>2</Qty><PartType id="6832"/><Part>AQ-1</Part></App>',
    '<App action="A" id="3"><Years from="2015" to="2020"/><Make id="54"/><Model id="1023"/><EngineBase id="177"/>'
    '<Qty>1</Qty><PartType id="6832"/><Part>AQ-2</Part></App>',
)


def aces(apps: Sequence[str] = APPS, *, version: str = "3.1", count: int | None = None, head: str = "") -> bytes:
    """An ACES file."""
    footer = f"<Footer><RecordCount>{len(apps) if count is None else count}</RecordCount></Footer>"
    return (
        f'<?xml version="1.0" encoding="ISO-8859-1"?>{head}<ACES version="{version}"><Header><Company>Müller</Company>'
        "<BrandAAIAID>BMNN</BrandAAIAID><DocumentTitle>Filters</DocumentTitle><SubmissionType>UPDATE</SubmissionType>"
        f"</Header>{''.join(apps)}{footer}</ACES>"
    ).encode("iso-8859-1")


LAUGHS = (
    "<!DOCTYPE x ["
    + '<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    + "]>"
)
A_DAY = date(2024, 10, 12)
