"""An upload read at once is judged as its items are one by one."""

import msgspec
import pytest

from cloud.admission import Received, body_of, examine, examine_all, read_upload
from cloud.places import Scope
from edge_gateway.upload_format import Content, EventItem, Upload, UploadError, decode_envelope
from tests.cloud import worlds
from tests.cloud.worlds import event, opening, take, upload

SCOPE = Scope("shop-1", frozenset({"north"}), frozenset({"cab-1", "cab-2"}))
GOOD: list[Content] = [
    event(1), event(2, line='{"text":"\\u00e9 \\"扳\\" \\\\ \\t"}'), opening("m1", 20), take("m2", 3),
    worlds.session("s"), worlds.discrepancy("d"), worlds.verdict("v"), worlds.rezero("z"), worlds.restocked("b"),
]  # fmt: skip


def one_by_one(data: bytes) -> list[Received]:
    return [examine(item, SCOPE) for item in decode_envelope(data).items]


def changed(**fields: object) -> EventItem:
    return msgspec.structs.replace(event(3), **fields)


def test_a_sound_upload_is_judged_as_its_items_are() -> None:
    """Same contents, same digests; the bytes of an item are found when they are wanted."""
    data = upload(GOOD, first=5)
    found = examine_all(data, read_upload(data), SCOPE)
    assert [item.body for item in found] == [None] * len(GOOD)
    whole = [msgspec.structs.replace(item, body=body_of(data, item.seq)) for item in found]
    assert whole == one_by_one(data)
    assert [item.reason for item in whole] == [""] * len(GOOD)


BAD = [
    changed(cabinet="cab-9"),
    changed(cabinet=""),
    changed(seq=0),
    changed(seq=2**63),
    changed(epoch=""),
    changed(epoch="e" * 201),
    changed(received_ms=2**63),
    changed(occurred_ms=-(2**63)),
    changed(line="a\0b"),
    changed(epoch="e\0"),
    take("m9", 10**13),
]


@pytest.mark.parametrize("bad", BAD)
def test_one_bad_item_is_found_among_good_ones(bad: Content) -> None:
    data = upload([*GOOD, bad, event(9)])
    found = examine_all(data, read_upload(data), SCOPE)
    assert found == one_by_one(data)
    assert [bool(item.reason) for item in found] == [False] * len(GOOD) + [True, False]


def test_an_escaped_nul_in_an_escaped_text_is_sound() -> None:
    """It looks like a NUL to whoever only looks at the bytes."""
    data = upload([event(1, line='{"raw":"\\u0000"}')])
    assert not isinstance(read_upload(data), Upload)
    assert [item.reason for item in examine_all(data, read_upload(data), SCOPE)] == [""]


def test_a_broken_envelope_is_refused_either_way() -> None:
    for data in (
        b"",
        b"[]",
        upload([event(1)])[:-1],
        upload([event(1)]).replace(b'"seq":1,"content"', b'"seq":0,"content"'),
    ):
        with pytest.raises(UploadError):
            read_upload(data)
