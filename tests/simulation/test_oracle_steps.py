"""The oracle on the way: what goes wrong is found after the very step."""

from pathlib import Path

import pytest
from cabinet import wire

from tests.gateway.world import EPOCH, NOW_MS, row
from tests.simulation.oracle_world import TWO, World, change, rules, visit

MOVEMENT = (
    "INSERT INTO movement SELECT 'm', cause, cabinet, bin, session, person, job, 1, 1, 1, '', '', '', 0 "
    "FROM movement LIMIT 1"
)
OUTBOX = 'INSERT INTO outbox SELECT max(seq) + 1, \'{"kind":"movement","id":"m"}\', \'\', \'\', 0 FROM outbox'
OUT = "INSERT INTO posting VALUES ('m', 0, 'dealer:dealer-1', 'OF-1', -2)"
IN = "INSERT INTO posting VALUES ('m', 1, 'bin:cab-1/1', 'OF-1', 2)"
EVENT = (
    "INSERT INTO inbox SELECT cabinet, epoch, {seq}, 1, 1, kind, reason, line, digest "
    "FROM inbox WHERE cabinet = 'cab-2' LIMIT 1"
)
CURSOR = "UPDATE cursor SET through = {seq} WHERE cabinet = 'cab-2'"
ITEM = (
    "INSERT INTO upload_batch SELECT gateway_id, epoch, max(last) + 1, max(last) + 1, dealer_id, x'' FROM upload_batch",
    "UPDATE gateway_epoch SET through = through + 1",
)

# Each: the rules that must find it, the database, what is done in one commit.
WRONG = {
    "a movement that is not balanced": (
        ["balanced", "replayed", "replayed"], "gateway", MOVEMENT, OUT, IN.replace("2)", "3)"), OUTBOX),
    "a movement whose balances do not move": (["replayed", "replayed"], "gateway", MOVEMENT, OUT, IN, OUTBOX),
    "a movement that is sent and not there": (["kept"], "gateway", OUTBOX),
    "a hole in what goes up": (
        ["in_order"], "gateway",
        "INSERT INTO outbox SELECT max(seq) + 2, '{\"kind\":\"session\"}', '', '', 0 FROM outbox"),
    "an event over a hole": (["in_order", "content"], "gateway", EVENT.format(seq=4), CURSOR.format(seq=4)),
    "an event that has another line": (["content"], "gateway", EVENT.format(seq=3), CURSOR.format(seq=3)),
    "a cursor ahead of the inbox": (["in_order"], "gateway", CURSOR.format(seq=3)),
    "a cursor that goes back": (["in_order", "in_order"], "gateway", CURSOR.format(seq=1)),
    "events passed over": (
        ["acknowledged"], "gateway", "INSERT INTO inbox SELECT cabinet, epoch, 9, 1, 1, 'forgotten', '', x'', digest "
        "FROM inbox WHERE cabinet = 'cab-2' LIMIT 1", CURSOR.format(seq=9)),
    "in_cloud ahead of the journal": (
        ["in_order"], "gateway", "UPDATE cursor SET in_cloud = 3 WHERE cabinet = 'cab-2'"),
    "an upload cursor ahead of the cloud": (["in_order"], "gateway", "UPDATE upload SET through = through + 1"),
    "a cloud's cursor ahead of its items": (["in_order"], "cloud", "UPDATE gateway_epoch SET through = through + 1"),
    "a cloud's cursor that goes back": (["in_order"], "cloud", "UPDATE gateway_epoch SET through = through - 1"),
    "an item put aside": (
        ["same_in_cloud"], "cloud", "INSERT INTO ingest_quarantine SELECT gateway_id, epoch, 3, x'', dealer_id, "
        "'shop-1', 1, 'strange', x'' FROM upload_batch WHERE first <= 3 AND last >= 3"),
    "a balance of the cloud that moves by itself": ([], "cloud", "UPDATE balance SET quantity = 9"),  # found at rest
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_goes_wrong_is_found_after_the_step_and_once(world: World, what: str) -> None:
    expected, side, *statements = WRONG[what]
    for journal in world.journals:  # lines that the wrong events are not
        for seq in range(len(journal.lines) + 1, 10):
            world.oracle.sent(journal.cabinet, journal.epoch, seq, b"another line")
    assert change(world, side, *statements) == expected
    assert rules(world) == []
    assert set(expected) <= {violation.rule for violation in world.judge().violations}


def test_a_repeat_is_no_wrong(world: World) -> None:
    world.start()
    for journal in world.journals:
        world.tell(journal)
    world.upload()
    assert world.found == []
    assert world.judge().good


def strange_event(world: World, body: bytes) -> str:
    """An event of cab-2 that nobody understands, taken in and uploaded; its name."""
    world.start()
    two = world.journals[1]
    seq = len(two.lines) + 1
    head = f'{{"v":1,"cabinet":"cab-2","epoch":"{TWO}","seq":{seq},"body":'.encode() + body
    two.lines.append(head + f',"crc":"{wire.crc(head)}"}}'.encode())
    world.tell(two, seq - 1)
    world.upload()
    return f"cab-2/{TWO}/{seq}"


@pytest.mark.parametrize("body", [b'{"kind":"dance"}', b'{"kind":"da\xff\xfence"}', b'{"kind":"da\x00nce"}'])
def test_an_event_nobody_understands_is_counted_and_on_both_sides(world: World, body: bytes) -> None:
    strange_event(world, body)
    assert world.found == []
    verdict = world.judge()
    assert verdict.good, verdict.violations
    assert (verdict.quarantined, verdict.events, verdict.lost) == (1, 12, 0)
    world.oracle.release()
    assert change(world, "cloud", "DROP TRIGGER set_aside_refuses_delete", "DELETE FROM set_aside") == []
    assert {violation.rule for violation in world.judge().violations} == {"same_in_cloud"}


@pytest.mark.parametrize("sides", [("gateway",), ("cloud",), ("gateway", "cloud")])
def test_an_event_that_is_read_later_is_so_on_both_sides(world: World, sides: tuple[str, ...]) -> None:
    name = strange_event(world, b'{"kind":"dance"}')
    reads = {
        "gateway": "INSERT INTO quarantine_read SELECT cabinet, epoch, seq, 1, 7, 8 FROM inbox WHERE reason != ''",
        "cloud": f"INSERT INTO read_again SELECT id, '{name}', dealer_id, 'cab-2', 7, 8, 9 FROM shop",
    }
    for side in sides:
        assert change(world, side, reads[side]) == []
    expected = {"same_in_cloud"} if len(sides) == 1 else set()
    assert {violation.rule for violation in world.judge().violations} == expected


def test_a_session_whose_end_never_came_is_no_ended_one(world: World) -> None:
    shop = world.start()
    one = world.journals[0]
    start = len(one.lines)
    one.add("session_opened", by="badge", badge="04A1B2C3", person="wang", door=1, bins=[])
    one.session([row(1, 1_800_000, 1_800_000)])
    world.tell(one, start)
    world.upload()
    assert shop.value("select count(*) from session") == 4
    verdict = world.judge()
    assert verdict.good, verdict.violations
    assert verdict.sessions == 3


def test_two_requests_for_a_bin_are_found_after_the_step(world: World) -> None:
    request = "INSERT INTO request SELECT id || 'x', cabinet, bin, part, quantity, stock, 1 FROM request"
    sent = 'INSERT INTO outbox SELECT max(seq) + 1, \'{"kind":"request","id":"x"}\', \'\', \'\', 0 FROM outbox'
    assert change(world, "gateway", request, sent) == ["requests"]


@pytest.mark.parametrize("kind", ["movement", "event", "session", "discrepancy", "resolution", "request"])
def test_what_is_under_the_clouds_cursor_is_in_the_cloud(world: World, kind: str) -> None:
    identity = {"event": ("cabinet", "cab-1", "epoch", "e", "seq", 1), "resolution": ("discrepancy", "d")}
    names = identity.get(kind, ("id", "opening/cab-1/1/OF-1x"))
    content = ", ".join(f"'{name}'" for name in names)
    sent = f"INSERT INTO outbox SELECT max(seq) + 1, json_object('kind', '{kind}', {content}), '', '', 0 FROM outbox"
    assert set(change(world, "gateway", sent)) <= {"kept"}
    assert set(change(world, "cloud", *ITEM)) - {"kept"} == {"same_in_cloud"}


def test_an_acknowledgement_before_the_commit_is_found(world: World) -> None:
    world.oracle.journal_acknowledged("cab-2", TWO, 2)
    assert rules(world) == []
    world.oracle.journal_acknowledged("cab-2", TWO, 3)
    ((account),) = [violation.account for violation in world.oracle.after_step(NOW_MS)]
    assert account == f"cab-2/{TWO}: expected events 1 to 3 committed before their journal_ack, found 2"


def test_in_cloud_ahead_of_the_cloud_is_found(world: World) -> None:
    world.start()
    world.tell(world.journals[0], visit(world))
    assert change(world, "gateway", "UPDATE cursor SET in_cloud = 9 WHERE cabinet = 'cab-1'") == []
    assert change(world, "gateway", "UPDATE cursor SET in_cloud = 10 WHERE cabinet = 'cab-1'") == ["in_order"]


def test_a_receipt_for_what_the_cloud_does_not_hold_is_found(world: World) -> None:
    shop = world.start()
    epoch, through = shop.store.epoch, shop.value("select through from upload")
    world.oracle.receipt(epoch, through)
    assert rules(world) == []
    world.oracle.receipt(epoch, through + 1)
    assert rules(world) == ["in_order"]


def test_a_line_that_changes_is_found(world: World) -> None:
    world.oracle.sent("cab-1", EPOCH, 2, world.journals[0].lines[1])
    assert rules(world) == []
    world.oracle.sent("cab-1", EPOCH, 2, b"another line")
    assert rules(world) == ["content"]


def test_an_oracle_may_begin_before_the_databases_are_there(tmp_path: Path) -> None:
    world = World(tmp_path / "empty")
    world.folder.mkdir()
    world.step()
    world.oracle.journal_acknowledged("cab-1", EPOCH, 0)
    world.oracle.receipt("e", 0)
    assert rules(world) == []
    world.oracle.journal_acknowledged("cab-1", EPOCH, 1)
    world.oracle.receipt("e", 1)
    assert rules(world) == ["acknowledged", "in_order"]
