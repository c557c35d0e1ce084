"""The dealer's catalogue at the gateway: fetched in steps that any cut may end, found without internet."""

import asyncio
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import msgspec
import pytest

from cloud.catalogue.writing import change_catalogue
from cloud.database import open_database
from edge_gateway import catalogue_pull
from edge_gateway.catalogue_format import CatalogueError, CataloguePage, CataloguePart, Fits, Reference, decode_page
from edge_gateway.catalogue_pull import CataloguePull
from edge_gateway.catalogue_search import CatalogueSearch
from edge_gateway.catalogue_store import CatalogueStore
from edge_gateway.upload import CloudVoice
from tests.gateway.real_cloud import KEY, RealCloud
from tests.gateway.world import document

PARTS = [
    CataloguePart(
        "WK-1060/3", "柴油滤清器", "fuel filter", "MANN", "engine",
        references=[Reference("oe", "潍柴", "612630080087"), Reference("competitor", "Fleetguard", "FF 5488")],
        fits=[Fits("一汽解放", "J6P", "CA6DM2"), Fits("中国重汽", "豪沃T7H")],
    ),
    CataloguePart("OF-1", "机油滤清器", "oil filter", "MANN"),
    CataloguePart("OF-0", "机油滤清器", "oil filter", "MANN", withdrawn=True, replaced_by="OF-1"),
    CataloguePart("BP-9", "前刹车片", "front brake pad", "Textar", fits=[Fits("中国重汽", "豪沃T7H")]),
    CataloguePart("BP-8", "刹车片", "brake pad", "Textar", fits=[Fits("一汽解放", "J6P")]),
]  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CatalogueStore]:
    store = CatalogueStore(tmp_path / "catalogue.db")
    yield store
    store.close()


@pytest.fixture
def search(store: CatalogueStore) -> Iterator[CatalogueSearch]:
    search = CatalogueSearch(store.path)
    yield search
    search.close()


def page(parts: list[CataloguePart], newest: int = 5, *, last: bool = True) -> CataloguePage:
    """A page as the cloud would answer it."""
    return CataloguePage("dealer-1", newest, newest, parts[-1].number, last, len(parts), parts)


def numbers(search: CatalogueSearch, asked: str) -> list[str]:
    """What is found, in order."""
    return [hit.part.number for hit in search.find(asked)]


def test_whatever_is_read_out_finds_the_part(store: CatalogueStore, search: CatalogueSearch) -> None:
    assert search.find("OF-1") == []
    store.take_page(page(PARTS))
    for asked, found in {
        "wk 1060/3": ["WK-1060/3"],  # its own number, however it is written
        "WK10603": ["WK-1060/3"],
        "ＷＫ－１０６０／３": ["WK-1060/3"],
        "612630080087": ["WK-1060/3"],  # the maker's
        "ff5488": ["WK-1060/3"],  # a competitor's
        "61263008": ["WK-1060/3"],  # how it begins
        "612630080078": ["WK-1060/3"],  # two swapped
        "柴滤": ["WK-1060/3"],  # two characters, another name of the thing
        "diesel fuel filter J6P": ["WK-1060/3"],
        "解放 柴油滤清器": ["WK-1060/3"],
        "howo 柴滤": ["WK-1060/3"],
        "fule filter": ["WK-1060/3"],  # mistyped
        "feul fiter": ["WK-1060/3"],  # each word once
        "fuell fliterr": ["WK-1060/3"],  # two errors in a long word
        "柴油虑清器": ["WK-1060/3"],  # a wrong character
        "豪沃 刹车片": ["BP-9"],
        "刹车": ["BP-8", "BP-9"],
        "brake pad": ["BP-8", "BP-9"],
        "机油滤清器": ["OF-1"],  # the one no longer offered only when it is asked for
        "OF-0": ["OF-0"],
        "unobtainium": [],
        "!?\"' OR *": [],
        "": [],
    }.items():
        assert numbers(search, asked) == found, asked
    assert [hit.by for hit in search.find("ff5488")] == ["FF 5488"]
    assert [hit.how for hit in search.find("fule filter")] == ["mistyped"]
    assert {hit.how for hit in search.find("刹车片 没有的词")} == {"some_words"}


def test_what_lies_in_the_bins_comes_first_and_is_known_without_a_catalogue(
    store: CatalogueStore, search: CatalogueSearch
) -> None:
    store.take_document(document())
    assert numbers(search, "滤清器") == ["OF-1"]
    assert search.holding().whole is False
    more = [CataloguePart(f"AA-{number}", "机油滤清器", "oil filter") for number in range(300)]
    store.take_page(page([*more, *PARTS], 305))
    assert numbers(search, "机油滤清器")[0] == "OF-1"
    assert search.holding().whole is True
    store.take_in_bins([CataloguePart("BULB", "24V 灯泡", "24 V bulb", references=[Reference("oe", "X", "H7-24")])])
    assert numbers(search, "h724") == ["BULB"]
    store.take_document(document(2, bins=[{"bin": 1}]))
    with sqlite3.connect(store.path) as db:
        assert db.execute("select count(*) from words where words match '\"#here\"'").fetchone() == (0,)
    db.close()


def test_what_changes_or_goes_is_found_so(store: CatalogueStore, search: CatalogueSearch) -> None:
    store.take_page(page(PARTS))
    changed = msgspec.structs.replace(PARTS[0], name_zh="尿素滤芯", name_en="urea filter", references=[], fits=[])
    store.take_page(page([changed], 6))
    assert (numbers(search, "柴油滤清器"), numbers(search, "ff5488"), numbers(search, "尿素")) == (
        [],
        [],
        ["WK-1060/3"],
    )
    store.begin_again()
    store.take_page(page(PARTS[1:3], 9, last=False))
    assert numbers(search, "刹车") == ["BP-8", "BP-9"]  # until the new round is through
    store.take_page(page(PARTS[3:4], 9))
    assert numbers(search, "刹车") == ["BP-9"]
    assert search.part("WK-1060/3") is None
    assert store.held == 3


def test_a_damaged_file_is_begun_anew_and_other_words_make_a_new_index(
    store: CatalogueStore, search: CatalogueSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.take_page(page(PARTS))
    store.close()
    monkeypatch.setattr("edge_gateway.catalogue_store._words", lambda: "words of a later version")
    again = CatalogueStore(store.path)
    assert (numbers(search, "刹车"), search.holding().indexed) == ([], False)
    again.take_page(page([msgspec.structs.replace(PARTS[4], name_zh="后刹车片")], 6))
    while again.index_more(2):
        assert search.holding().indexed is False
    assert (numbers(search, "刹车"), numbers(search, "后刹车片")) == (["BP-9", "BP-8"], ["BP-8"])
    assert search.holding().indexed is True
    again.close()
    search.close()
    store.path.write_bytes(b"not a database at all" * 500)
    anew = CatalogueStore(store.path)
    assert anew.place.after == 0
    anew.close()


def test_a_page_that_is_none_is_refused() -> None:
    for data in (b"", b"[]", b'{"dealer":1}', msgspec.json.encode(CataloguePage("d", 1, 0, "", False, 0, []))):
        with pytest.raises(CatalogueError, match="expected"):
            decode_page(data)


# ---- with the real cloud ----


class Cutting(httpx.AsyncBaseTransport):
    """The network: every answer to the catalogue's pages is lost once before it arrives."""

    def __init__(self) -> None:
        self._network = httpx.AsyncHTTPTransport()
        self.lost: set[str] = set()
        self.pages = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._network.handle_async_request(request)
        if str(request.url) not in self.lost:
            self.lost.add(str(request.url))
            await answer.aclose()
            raise httpx.ReadError("the line was cut")
        self.pages += 1
        return answer

    async def aclose(self) -> None:
        await self._network.aclose()


def change(cloud: RealCloud, dealer: str, *parts: Mapping[str, object]) -> None:
    """The dealer changes its catalogue."""
    database = open_database(cloud.settings.database_url)
    with database.writing() as session, change_catalogue(session, dealer) as catalogue:
        catalogue.put_parts(parts)
    database.close()


def revision(cloud: RealCloud) -> int:
    """The newest of the dealer's catalogue."""
    ((newest,),) = cloud.query("select revision from catalogue_revision")
    return int(newest)


def fetch(cloud: RealCloud, store: CatalogueStore, newest: int, transport: httpx.AsyncBaseTransport) -> None:
    """Pull until all is here."""

    async def pull() -> None:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(base_url=cloud.url, headers=headers, transport=transport) as client:
            run = CataloguePull(client, CloudVoice(cloud.url), store, whole=True)
            run.heard(newest)
            task = asyncio.create_task(run.run())
            async with asyncio.timeout(60):
                while not (
                    store.place.is_whole
                    and store.place.after >= newest
                    and store.place.whole_round == store.place.round
                ):
                    await asyncio.sleep(0.01)
            task.cancel()

    asyncio.run(pull())


def test_cut_after_every_page_the_catalogue_is_whole_in_the_end(
    cloud: RealCloud, store: CatalogueStore, search: CatalogueSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_pull, "PAGE_PARTS", 10)
    monkeypatch.setattr(catalogue_pull, "PAUSE_S", 0)
    monkeypatch.setattr(catalogue_pull, "backoff_s", lambda _failures: 0)
    change(
        cloud,
        "dealer-1",
        *({"number": f"P-{n}", "name_zh": f"机油滤清器 {n}"} for n in range(45)),
        {"number": "OF-1", "brand": "MANN"},
    )
    transport = Cutting()
    fetch(cloud, store, revision(cloud), transport)
    ((count,),) = cloud.query("select count(*) from part")
    assert transport.pages == 1 + -(-count // 10)  # that of the bins, and those of the catalogue
    assert count >= 46 and (store.held, search.holding().parts) == (count, count)
    change(cloud, "dealer-1", {"number": "P-7", "withdrawn": True, "superseded_by": "P-8"})
    fetch(cloud, store, revision(cloud), Cutting())
    found = search.part("P-7")
    assert found is not None and (found.withdrawn, found.replaced_by, found.name_zh) == (True, "P-8", "机油滤清器 7")
    with sqlite3.connect(cloud.path) as db:
        db.execute("delete from part where number = 'P-9'")  # without a word, as a backup put back would
        db.execute("update catalogue_revision set revision = revision + 5")  # that no part has
    db.close()
    change(cloud, "dealer-1", {"number": "P-1", "name_en": "oil filter 1"})
    fetch(cloud, store, revision(cloud), httpx.AsyncHTTPTransport())
    assert (search.part("P-9"), store.held) == (None, count - 1)
    with sqlite3.connect(cloud.path) as db:
        db.execute("update catalogue_revision set revision = revision + 5")
    db.close()
    fetch(cloud, store, revision(cloud), line := Cutting())
    assert line.pages <= 2
