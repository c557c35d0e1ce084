"""A shop's document is edited by one at a time: nobody's change is lost, and nothing unsound is kept."""

import threading

import msgspec
import pytest

from cloud.document import PlanogramError
from cloud.document_edit import StaleEditError, edit_document, locked_document
from cloud.tables import Shop
from cloud.tenancy import NotFoundError
from edge_gateway.shop_document import Bin, BinPart, DocumentError, Person, ShopDocument
from tests.cloud import worlds
from tests.cloud.conftest import Cloud


def _named(document: ShopDocument, person: str) -> ShopDocument:
    return msgspec.structs.replace(document, people=[*document.people, Person(person, person, "mechanic", [])])


def _with_bin(document: ShopDocument, bin_: Bin) -> ShopDocument:
    first, *rest = document.cabinets
    bins = [bin_ if known.bin == bin_.bin else known for known in first.bins]
    return msgspec.structs.replace(document, cabinets=[msgspec.structs.replace(first, bins=bins), *rest])


def test_an_edit_is_a_new_version_and_nothing_new_is_none(cloud: Cloud) -> None:
    with cloud.services.database.writing() as session:
        edited = edit_document(session, "shop-1", lambda document: _named(document, "p-li"), worlds.NOW_MS, seen=1)
        again = edit_document(session, "shop-1", lambda document: document, worlds.NOW_MS, seen=2)
    assert (edited.version, edited.changed, again.version, again.changed) == (2, True, 2, False)
    assert [person.id for person in edited.after.people] == ["p-zhang", "p-li"]
    body = cloud.services.documents.newer_than("shop-1", 1)
    assert body is not None
    assert b"p-li" in body


def test_the_second_of_two_editors_is_told(cloud: Cloud) -> None:
    """What both looked at decides: an edit of something else does not stand in the way."""

    def edit(change: ShopDocument | None, seen: int, watched: str) -> int:
        with cloud.services.database.writing() as session:
            made = edit_document(
                session,
                "shop-1",
                lambda document: change or _named(document, f"p-{document.version}"),
                worlds.NOW_MS,
                seen=seen,
                watched=lambda document: getattr(document, watched),
            )
            return made.version

    assert edit(None, 1, "people") == 2
    with pytest.raises(StaleEditError, match="expected an edit of version 2, found one of version 1"):
        edit(None, 1, "people")
    assert edit(None, 1, "cabinets") == 3
    with pytest.raises(StaleEditError):
        edit(None, 77, "cabinets")  # a version that never was
    with cloud.services.database.writing() as session:
        assert [person.id for person in locked_document(session, "shop-1").people] == ["p-zhang", "p-1", "p-2"]


def test_edits_at_once_are_all_kept(cloud: Cloud) -> None:
    def edit(person: str) -> None:
        with cloud.services.database.writing() as session:
            edit_document(session, "shop-1", lambda document: _named(document, person), worlds.NOW_MS)

    threads = [threading.Thread(target=edit, args=(f"p-{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with cloud.services.database.writing() as session:
        document = locked_document(session, "shop-1")
    assert document.version == 7
    assert {person.id for person in document.people} == {"p-zhang", *(f"p-{number}" for number in range(6))}


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_an_edit_rests_on_what_was_edited_since_the_shop_was_looked_at(cloud: Cloud) -> None:
    database = cloud.services.database
    with database.writing() as slow:
        seen = slow.get_one(Shop, "shop-1")  # sees version 1
        with database.writing() as quick:
            edit_document(quick, "shop-1", lambda document: _named(document, "p-quick"), worlds.NOW_MS)
        made = edit_document(slow, "shop-1", lambda document: _named(document, "p-slow"), worlds.NOW_MS)
    assert made.version == 3 == seen.document_version
    assert [person.id for person in made.after.people] == ["p-zhang", "p-quick", "p-slow"]


def test_what_cannot_be_counted_or_is_unsound_changes_nothing(cloud: Cloud) -> None:
    alike = worlds.FILTER.__class__("WK-1061", "像", "Alike", unit_mass_mg=850_500)

    def both(document: ShopDocument) -> ShopDocument:
        added = msgspec.structs.replace(document, parts=[*document.parts, alike])
        return _with_bin(added, Bin(1, "WK-1060", capacity=5, also=[BinPart("WK-1061", 5)], cell="c3-50kg"))

    def unknown(document: ShopDocument) -> ShopDocument:
        return _with_bin(document, Bin(1, "no-such-part"))

    with pytest.raises(PlanogramError, match="WK-1061"), cloud.services.database.writing() as session:
        edit_document(session, "shop-1", both, worlds.NOW_MS)
    with pytest.raises(DocumentError, match="no-such-part"), cloud.services.database.writing() as session:
        edit_document(session, "shop-1", unknown, worlds.NOW_MS)
    with pytest.raises(NotFoundError), cloud.services.database.writing() as session:
        edit_document(session, "no-such-shop", both, worlds.NOW_MS)
    with cloud.services.database.writing() as session:
        assert locked_document(session, "shop-1").version == 1
        assert edit_document(session, "shop-1", both, worlds.NOW_MS, force=True).version == 2
        # A bin that was kept in spite of the check does not stop an edit of something else.
        assert edit_document(session, "shop-1", lambda document: _named(document, "p-li"), worlds.NOW_MS).version == 3
