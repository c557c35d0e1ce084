"""Imports over HTTP: previewed, refused line by line, taken over whole, exported again; nothing ever half-imported."""

import io
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlmodel import Session, col, select

from cloud.catalogue.imports import runs as import_runs
from cloud.catalogue.writing import change_catalogue
from cloud.many_rows import read
from cloud.tables import AuditEntry, CataloguePart, CrossReference, Fitment, ImportRun, ModelPattern, PartPrice, Vehicle
from tests.cloud import import_files as files
from tests.cloud.conftest import Cloud

LI, WANG = "li@north.example", "wang@south.example"
WAIT_S = 60.0


def send(cloud: Cloud, data: bytes, name: str = "file.csv", *, email: str = LI) -> str:
    """Send a file and wait until it is previewed; its run."""
    answer = cloud.browser(email).post(f"/api/imports?file_name={name}", content=data)
    assert answer.status_code == 202, answer.text
    cloud.services.imports.settle(answer.json()["id"], WAIT_S)
    return str(answer.json()["id"])


def shown(cloud: Cloud, run: str, language: str = "en") -> Any:
    return cloud.get(f"/api/imports/{run}?language={language}")


def choose(cloud: Cloud, run: str, **choices: Any) -> Any:
    answer = cloud.browser().request("PUT", f"/api/imports/{run}/choices", json=choices)
    assert answer.status_code == 202, answer.text
    cloud.services.imports.settle(run, WAIT_S)
    return shown(cloud, run)


def take(cloud: Cloud, run: str) -> Any:
    answer = cloud.browser().post(f"/api/imports/{run}/take")
    assert answer.status_code == 202, answer.text
    cloud.services.imports.settle(run, WAIT_S)
    return shown(cloud, run)


def taken(cloud: Cloud, data: bytes, name: str = "file.csv", **choices: Any) -> Any:
    run = send(cloud, data, name)
    if choices:
        choose(cloud, run, **choices)
    found = take(cloud, run)
    assert found["state"] == "taken", found
    return found


TABLES = (CataloguePart, CrossReference, Fitment, PartPrice, ModelPattern, Vehicle)


def everything(cloud: Cloud) -> dict[str, list[Any]]:
    """All rows that imports write."""
    with cloud.services.database.reading() as session:
        return {table.__name__: sorted(map(repr, session.exec(select(table)))) for table in TABLES}


BROKEN = {
    "GBK with a wrong line": (files.PARTS.replace("1.5,6,690", "1.5,six,690").encode("gbk"), "previewed"),
    "wrong number format": (files.PARTS.replace("850.5", "850.5.1").encode(), "previewed"),
    "wrong encoding": (files.PARTS.encode() * 5 + b"\xff\xfe\xfd", "refused"),
    "a missing column": ("中文名称,品牌,类别\n滤清器,法士特,发动机件\n".encode(), "refused"),
    "header only": (files.PARTS.splitlines()[0].encode(), "refused"),
    "empty": (b"", "refused"),
    "a zip bomb": (files.zip_bomb(), "refused"),
    "a program": (b"MZ" + bytes(500), "refused"),
    "a cut xlsx": (files.xlsx([["配件编号", "名称"], ["A", "甲"]])[:-50], "refused"),
    "a cut ACES": (files.aces()[:-30], "refused"),
}


def test_broken_files_end_in_a_report_and_change_nothing(cloud: Cloud) -> None:
    before = everything(cloud)
    for what, (data, state) in BROKEN.items():
        run = send(cloud, data)
        found = shown(cloud, run)
        assert found["state"] == state, (what, found)
        assert bool(found["problem"]) == (state == "refused"), (what, found)
        if state == "previewed":
            assert (found["counts"], found["refusals"][0]["line"]) == ({"new": 2, "refused": 1}, 2), what
            choose(cloud, run, all_or_nothing=True)
        refused = cloud.browser().post(f"/api/imports/{run}/take")
        assert refused.status_code == 409, (what, refused.text)
    assert everything(cloud) == before


def test_refused_lines_are_told_one_by_one(cloud: Cloud) -> None:
    table = (
        "配件编号,名称,单件质量(g),条码,替代为,类别\n"
        "A-1,甲,十,,,\n"
        "A-2,乙,1,,A-3,发动机件\n"
        "A-3,丙,1,,A-2,\n"
        "A-4,丁,1,6901234567893,,\n"
        "A-4,戊,1,,,\n"
        "A-4,己,1,,,\n"
        ",庚,1,,,\n"
        "A-5,辛,1,,nowhere,\n"
        "A-6,壬,1,6901234567892,,\n"
        "A-7,癸,1,6901234567892,,飞机件\n"
        "A-8,子,1,6901234567892,,\n"
        "A-9,丑,1,,,,,多一格\n"
    ).encode()
    run = send(cloud, table)
    found = shown(cloud, run, "zh")
    told = [(refusal["line"], refusal["column"], refusal["found"]) for refusal in found["refusals"]]
    assert told == [
        (2, "单件质量", "十"),
        (3, "替代为", "A-3"),
        (4, "替代为", "A-2"),
        (5, "条码", "6901234567893"),
        (7, "配件编号", "A-4"),
        (8, "配件编号", ""),
        (9, "替代为", "nowhere"),
        (11, "类别", "飞机件"),
        (12, "条码", "6901234567892"),
        (13, "", "8"),
    ]
    assert found["counts"] == {"new": 2, "refused": 10}
    assert "不成环的替代关系（A-2 → A-3 → A-2）" in [refusal["expected"] for refusal in found["refusals"]]
    csv = cloud.browser().get(f"/api/imports/{run}/refusals.csv?language=zh")
    assert csv.headers["content-type"].startswith("text/csv")
    lines = csv.content.decode("utf-8-sig").splitlines()
    assert lines[:2] == ["行,列,应为,实际", "2,单件质量,数字,十"]
    assert len(lines) == 11
    take(cloud, run)
    with cloud.services.database.reading() as session:
        numbers = read(session, "SELECT number FROM part WHERE dealer_id = ? ORDER BY number", "north")
        bodies = [row.body for row in session.exec(select(ImportRun))]
        audited = session.exec(select(AuditEntry).order_by(col(AuditEntry.id).desc())).first()
    assert ("A-4",) in numbers
    assert ("A-6",) in numbers
    assert ("A-5",) not in numbers
    assert bodies == [b""]
    assert audited is not None
    assert (audited.action, audited.after) == ("import.taken", "parts: 2 new, 10 refused")


def test_what_a_file_leaves_open_is_asked(cloud: Cloud) -> None:
    """Units, the decimal mark, from when, and which kind: nothing is taken over before somebody said."""
    table = "料号;品名;净重;长度\nA-1;甲;1,234;5\n".encode("utf-8-sig")
    run = send(cloud, table, "parts.csv")
    found = shown(cloud, run)
    assert "expected a column" in found["problem"]
    found = choose(cloud, run, kind="parts", columns=["number", "name_zh", "unit_mass_mg", ""])
    assert {question["about"] for question in found["questions"]} == {"decimal", "mass_unit"}
    assert cloud.browser().post(f"/api/imports/{run}/take").status_code == 409
    found = choose(
        cloud, run, columns=["number", "name_zh", "unit_mass_mg", ""], kind="parts", decimal=",", mass_unit="kg"
    )
    assert found["questions"] == []
    assert found["preview"][0]["values"] == ["A-1", "甲", "1234 g"]
    assert take(cloud, run)["state"] == "taken"
    run = send(cloud, "配件编号,单价\nA-1,12.50\n".encode(), "prices.csv")
    assert {question["about"] for question in shown(cloud, run)["questions"]} == {"money_unit", "from_day"}
    found = choose(cloud, run, money_unit="major", from_day="2026-12-01")
    assert take(cloud, run)["state"] == "taken"
    with cloud.services.database.reading() as session:
        price = session.exec(select(PartPrice)).one()
    assert (price.part, price.price_minor, price.from_day, price.shop_id) == ("A-1", 1250, "2026-12-01", "")


def test_what_is_exported_is_imported_without_a_change(cloud: Cloud) -> None:
    """Every kind, as CSV and XLSX, in both languages, and fitment as ACES."""
    taken(cloud, files.PARTS.encode())
    taken(cloud, '配件编号,名称\n=1+1,"-负"\n@at,\'+x\n'.encode())
    taken(cloud, "编号,OE号,品牌\nFK-1,1117050-29D,FAW\nFK-2,'=X,\n".encode())
    taken(cloud, "编号,种类,对照号,品牌\nFK-1,竞品,P550848,Donaldson\n".encode())
    taken(
        cloud,
        "编号,Make,车型,发动机,起始年,截止年,位置,用量,备注\nFK-1,解放,J6P,CA6DM3,2012,2020,左前,2,\nFK-2,重汽,,MC11,,,,,带空调\n".encode(),
    )
    taken(
        cloud,
        "编号,单价(元),生效日期,税率,店铺\nFK-1,1234.50,2026-01-01,13%,\nFK-1,99,2026-02-01,0.5%,shop-1\n".encode(),
    )
    taken(cloud, "WMI,特征,品牌,车型,起始年\nLFW,SR??J,解放,J6P,2012\n".encode())
    taken(
        cloud,
        "车牌,VIN,厂牌,车型,年款,车主\n鲁B12345,LFWSRXSJ8M1F12345,解放,J6P,2021,张三\n鲁B23456,,,,,\n".encode(),
        shop="shop-1",
    )
    before = everything(cloud)
    for kind, lines in (("parts", 5), ("references", 3), ("fitment", 2), ("prices", 2), ("models", 1), ("vehicles", 2)):
        for form, language in (("csv", "zh"), ("xlsx", "en")):
            made = cloud.browser().get(f"/api/exports/{kind}?format={form}&language={language}")
            assert made.status_code == 200, made.text
            found = shown(cloud, send(cloud, made.content, f"{kind}.{form}"))
            assert (set(found["counts"]), found["questions"], found["kind"]) == ({"same"}, [], kind), (form, found)
            assert found["counts"]["same"] >= lines
    made = cloud.browser().get("/api/exports/fitment?format=xml&part_type=6832")
    found = shown(cloud, send(cloud, made.content, "fitment.xml"))
    assert (found["counts"], found["kind"]) == ({"same": 2}, "aces"), found
    assert everything(cloud) == before
    table = cloud.browser().get("/api/exports/parts?format=csv").content
    assert table.startswith(b"\xef\xbb\xbf")
    assert b"\r\n'=1+1," in table
    book = load_workbook(io.BytesIO(cloud.browser().get("/api/exports/parts?format=xlsx").content))
    assert {cell.data_type for row in book.active.iter_rows() for cell in row} == {"s", "n"}
    assert cloud.browser().get("/api/exports/parts?format=xml").status_code == 422


def test_an_aces_file_is_taken_and_its_deletions_too(cloud: Cloud) -> None:
    found = taken(cloud, files.aces(), "aces.xml")
    assert (found["counts"], found["parts_made"], found["kind"]) == ({"new": 3}, 2, "aces")
    with cloud.services.database.reading() as session:
        rows = {(row.part, row.base_vehicle, row.note, row.quantity) for row in session.exec(select(Fitment))}
        brands = {row.brand for row in session.exec(select(CataloguePart).where(col(CataloguePart.number) == "AQ-2"))}
    assert rows == {
        ("AQ-1", 19129, "carbon version", 1),
        ("AQ-1", 19129, "SubModel 18; with 3 doors", 2),
        ("AQ-2", 0, "", 1),
    }
    assert brands == {"BMNN"}
    deleting = files.aces(
        [files.APPS[0].replace('"A"', '"D"'), files.APPS[2].replace("AQ-2", "AQ-3").replace('"A"', '"D"')]
    )
    found = taken(cloud, deleting, "aces.xml")
    assert found["counts"] == {"removed": 1, "same": 1}
    assert [notice["expected"] for notice in found["notices"]] == ["the application to be deleted is not there"]
    with cloud.services.database.reading() as session:
        assert len(session.exec(select(Fitment)).all()) == 2
    found = taken(cloud, files.aces([files.APPS[0]]), "aces.xml", replace=True)
    assert found["counts"] == {"new": 1, "removed": 1}
    with cloud.services.database.reading() as session:
        assert {(row.part, row.note) for row in session.exec(select(Fitment))} == {
            ("AQ-1", "carbon version"),
            ("AQ-2", ""),
        }


def test_changes_say_what_was_before_and_empty_cells_leave_it(cloud: Cloud) -> None:
    taken(cloud, files.PARTS.encode())
    run = send(cloud, "配件编号,中文名称,单件质量(g),品牌,保质期\nFK-2,滤芯,,-,\nFK-1,,850.5,,\n0FK,,,,\n".encode())
    found = shown(cloud, run)
    assert found["counts"] == {"changed": 1, "same": 1, "new": 1}
    assert found["preview"][0]["before"] == {"name_zh": "新柴油滤清器", "brand": "法士特"}
    take(cloud, run)
    with cloud.services.database.reading() as session:
        part = session.get_one(CataloguePart, ("north", "FK-2"))
    assert (part.name_zh, part.brand, part.unit_mass_mg, part.shelf_life_days, part.pack_size) == (
        "滤芯",
        "",
        851_000,
        730,
        6,
    )


def test_prices_of_before_are_for_those_who_see_prices(cloud: Cloud) -> None:
    prices = "配件编号,单价(元),生效日期\nWK-1060,{},2026-01-01\n"
    taken(cloud, prices.format("128.50").encode())
    run = send(cloud, prices.format("130.00").encode())
    [line] = shown(cloud, run)["preview"]
    assert line["before"] == {"price_minor": "128.50"}
    own = cloud.browser()
    made = own.post("/api/tokens", json={"name": "ERP", "rights": ["edit_catalogue"], "days": 1}).json()
    told = own.get(f"/api/imports/{run}", headers={"Authorization": f"Bearer {made['token']}"}).json()
    assert told["preview"] == [line | {"before": {}}]


def test_the_second_of_two_imports_is_told(cloud: Cloud) -> None:
    first, second = send(cloud, files.PARTS.encode()), send(cloud, files.PARTS.replace("850.5", "840").encode())
    take(cloud, first)
    found = take(cloud, second)
    assert (found["state"], found["changed_since"], found["counts"]) == ("previewed", True, {"changed": 1, "same": 2})
    assert take(cloud, second)["state"] == "taken"
    assert cloud.browser().post(f"/api/imports/{second}/take").status_code == 409
    assert cloud.browser().request("DELETE", f"/api/imports/{second}").status_code == 409


def test_a_change_between_reading_and_writing_is_seen(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was compared is written only if it still is as it was: else it is compared again."""
    run = send(cloud, files.PARTS.encode())
    real, edits = import_runs.marks_of, iter(["FK-1"])

    def marks(session: Session, dealer: str) -> tuple[Any, ...]:
        """As `marks_of`; once, somebody changes the catalogue right behind it."""
        found = real(session, dealer)
        for number in edits:
            with cloud.services.database.writing() as other, change_catalogue(other, dealer) as change:
                change.put_parts([{"number": number, "name_zh": "别人写的"}])
        return found

    monkeypatch.setattr(import_runs, "marks_of", marks)
    found = take(cloud, run)
    assert (found["state"], found["changed_since"]) == ("previewed", True)
    assert found["counts"] == {"changed": 1, "new": 2}


def test_a_crash_while_writing_leaves_everything_as_it_was(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    run = send(cloud, files.PARTS.encode())
    before = everything(cloud)
    monkeypatch.setattr(import_runs, "record", lambda *_args, **_named: 1 / 0)  # the last thing of the transaction
    assert cloud.browser().post(f"/api/imports/{run}/take").status_code == 202
    with pytest.raises(ZeroDivisionError):
        cloud.services.imports.settle(run, WAIT_S)
    assert everything(cloud) == before
    found = shown(cloud, run)
    assert (found["state"], found["counts"], found["progress"]) == ("previewed", {"new": 3}, None)
    monkeypatch.undo()
    assert take(cloud, run)["state"] == "taken"


def test_imports_are_their_dealers_alone(cloud: Cloud) -> None:
    run = send(cloud, files.PARTS.encode())
    newer = send(cloud, b"", "second.csv")
    other = cloud.browser(WANG)
    for method, path in (
        ("GET", f"/api/imports/{run}"),
        ("GET", f"/api/imports/{run}/refusals.csv"),
        ("POST", f"/api/imports/{run}/take"),
        ("DELETE", f"/api/imports/{run}"),
        ("GET", f"/api/imports?after={run}"),
    ):
        assert other.request(method, path).status_code == 404, path
    assert other.request("PUT", f"/api/imports/{run}/choices", json={}).status_code == 404
    assert other.get("/api/imports").json() == []
    assert {row["id"] for row in cloud.get("/api/imports")} == {run, newer}
    last = cloud.get("/api/imports?limit=1")[0]["id"]
    assert [row["id"] for row in cloud.get(f"/api/imports?after={last}")] == [({run, newer} - {last}).pop()]
    taken_over = take(cloud, run)
    assert taken_over["state"] == "taken"
    assert "FK-1" not in other.get("/api/exports/parts").text
    assert cloud.browser().request("DELETE", f"/api/imports/{newer}").status_code == 204
    assert {row["state"] for row in cloud.get("/api/imports")} == {"taken", "dropped"}
