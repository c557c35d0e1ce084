"""What can be broken in the databases of `oracle_world`, one thing at a time, and the rule that must find it."""

from tests.gateway.world import EPOCH

FIRST = f"cab-1/{EPOCH}/2"  # a session
TAKE = f"cab-1/{EPOCH}/5/1/session"  # its 2 filters
OTHER_TAKE = f"cab-1/{EPOCH}/9/1/session"
OPENING = "opening/cab-2/3/BULB"
MOVEMENT = "cabinet, bin, session, person, job, occurred_ms, booked_ms, confidence_ppm, corrects, note, epoch"

# Each: the rule that must find it, the database, the statements that break one thing.
BROKEN = {
    "a posting is changed": (
        "balanced", "gateway", f"UPDATE posting SET quantity = 3 WHERE movement = '{TAKE}' AND line = 1"),
    "a posting has another part": (
        "balanced", "gateway", f"UPDATE posting SET part = 'BULB' WHERE movement = '{TAKE}' AND line = 1"),
    "a movement has one posting": (
        "balanced", "gateway", f"DELETE FROM posting WHERE movement = '{TAKE}' AND line = 1"),
    "a movement has no postings": ("balanced", "gateway", f"DELETE FROM posting WHERE movement = '{TAKE}'"),
    "postings have no movement": ("balanced", "gateway", f"DELETE FROM movement WHERE id = '{TAKE}'"),
    "a posting is changed in the cloud": (
        "balanced", "cloud", f"UPDATE posting SET quantity = 3 WHERE movement_id = '{TAKE}' AND line = 1"),
    "an event is gone": ("acknowledged", "gateway", "DELETE FROM inbox WHERE cabinet = 'cab-1' AND seq = 4"),
    "the last event is gone": ("acknowledged", "gateway", "DELETE FROM inbox WHERE cabinet = 'cab-1' AND seq = 9"),
    "a whole journal is gone": ("acknowledged", "gateway", "DELETE FROM inbox WHERE cabinet = 'cab-2'"),
    "a session is gone": ("acknowledged", "gateway", f"DELETE FROM session WHERE id = '{FIRST}'"),
    "a session is open still": (
        "acknowledged", "gateway", f"UPDATE session SET closed_ms = NULL WHERE id = '{FIRST}'"),
    "a weighing is gone": ("acknowledged", "gateway", "DELETE FROM weighing WHERE seq = 5 AND bin = 2"),
    "an event was taken in and not booked": (
        "acknowledged", "gateway",
        "UPDATE inbox SET kind = 'quarantined', reason = 'could not be booked: x' WHERE kind = 'session_closed'"),
    "events are passed over though nothing was restored": (
        "acknowledged", "gateway", "UPDATE inbox SET kind = 'forgotten', line = x'' WHERE seq = 4"),
    "an event is there twice": ("booked_once", "gateway", "INSERT INTO inbox SELECT * FROM inbox WHERE seq = 4"),
    "a movement is there twice": (
        "booked_once", "gateway", f"INSERT INTO movement SELECT * FROM movement WHERE id = '{TAKE}'"),
    "a session is booked once more from another event": (
        "booked_once", "gateway",
        f"INSERT INTO movement SELECT 'x', cause, {MOVEMENT}, 9 FROM movement WHERE id = '{TAKE}'",
        f"INSERT INTO posting SELECT 'x', line, account, part, quantity FROM posting WHERE movement = '{TAKE}'"),
    "a movement is twice in the cloud": (
        "booked_once", "cloud", f"INSERT INTO movement SELECT * FROM movement WHERE id = '{TAKE}'"),
    "an event is twice in the cloud": ("booked_once", "cloud", "INSERT INTO event SELECT * FROM event WHERE seq = 4"),
    "a movement names an event that never was": (
        "cited", "gateway", f"UPDATE movement SET seq = 77 WHERE id = '{TAKE}'"),
    "a movement names an event that moves nothing": (
        "cited", "gateway", f"UPDATE movement SET seq = 3 WHERE id = '{TAKE}'"),
    "a movement names another bin": ("cited", "gateway", f"UPDATE movement SET bin = 2 WHERE id = '{TAKE}'"),
    "a movement is gone with all it did": (
        "kept", "gateway",
        f"DELETE FROM movement WHERE id = '{OPENING}'", f"DELETE FROM posting WHERE movement = '{OPENING}'"),
    "a movement says something else": ("kept", "gateway", f"UPDATE movement SET note = 'x' WHERE id = '{TAKE}'"),
    "the cloud lacks a movement": ("same_in_cloud", "cloud", f"DELETE FROM movement WHERE id = '{TAKE}'"),
    "the cloud lacks an event": ("same_in_cloud", "cloud", "DELETE FROM event WHERE cabinet = 'cab-2' AND seq = 2"),
    "the cloud lacks a session": ("same_in_cloud", "cloud", f"DELETE FROM cabinet_session WHERE id = '{FIRST}'"),
    "the cloud lacks a discrepancy": ("same_in_cloud", "cloud", "DELETE FROM discrepancy WHERE bin = 3"),
    "the cloud lacks an answer": ("same_in_cloud", "cloud", "DELETE FROM resolution"),
    "the cloud lacks a request": ("same_in_cloud", "cloud", "DELETE FROM request"),
    "the gateway lacks a discrepancy": ("same_in_cloud", "gateway", "DELETE FROM discrepancy WHERE bin = 1"),
    "the cloud has another line of an event": (
        "same_in_cloud", "cloud", "UPDATE event SET line = 'x' WHERE cabinet = 'cab-2' AND seq = 2"),
    "the cloud has another account": (
        "same_in_cloud", "cloud", f"UPDATE posting SET account = 'job:j' WHERE movement_id = '{TAKE}' AND line = 1"),
    "the cloud has another person": (
        "same_in_cloud", "cloud", f"UPDATE cabinet_session SET person = 'li' WHERE id = '{FIRST}'"),
    "the cloud has another detail": ("same_in_cloud", "cloud", "UPDATE discrepancy SET detail = '{}' WHERE bin = 1"),
    "the cloud has another time": ("same_in_cloud", "cloud", f"UPDATE movement SET booked_ms = 1 WHERE id = '{TAKE}'"),
    "the cloud has put something aside": (
        "same_in_cloud", "cloud",
        "INSERT INTO ingest_quarantine SELECT gateway_id, epoch, 3, x'', dealer_id, 'shop-1', 1, 'strange', x'' "
        "FROM upload_batch WHERE first <= 3 AND last >= 3"),
    "something was not uploaded": ("same_in_cloud", "gateway", "UPDATE upload SET through = through - 1"),
    "the cloud's cursor is behind": ("same_in_cloud", "cloud", "UPDATE gateway_epoch SET through = through - 1"),
    "a balance is changed": ("replayed", "gateway", "UPDATE balance SET quantity = 4 WHERE account = 'bin:cab-1/1'"),
    "a balance is gone": ("replayed", "gateway", "DELETE FROM balance WHERE account = 'bin:cab-1/1'"),
    "a balance is changed in the cloud": (
        "replayed", "cloud", "UPDATE balance SET quantity = 4 WHERE account = 'bin:cab-1/1'"),
    "a bin holds less than nothing": (
        "replayed", "gateway",
        f"UPDATE posting SET quantity = quantity * 10 WHERE movement = '{OTHER_TAKE}'",
        "UPDATE balance SET quantity = -51 WHERE account = 'bin:cab-1/1'"),
    "a bin is booked wrong and all else agrees": (
        "true_stock", "gateway",
        f"UPDATE posting SET quantity = quantity + sign(quantity) WHERE movement = '{OTHER_TAKE}'",
        "UPDATE balance SET quantity = 2 WHERE account = 'bin:cab-1/1'"),
    "a bin holds a part that is not there": (
        "true_stock", "gateway", "INSERT INTO balance VALUES ('bin:cab-1/1', 'BULB', 2)"),
    "a number is missing": ("in_order", "gateway", "DELETE FROM inbox WHERE cabinet = 'cab-1' AND seq = 4"),
    "the cursor of a journal is ahead": (
        "in_order", "gateway", "UPDATE cursor SET through = through + 1 WHERE cabinet = 'cab-2'"),
    "the cursor of a journal is gone": ("in_order", "gateway", "DELETE FROM cursor WHERE cabinet = 'cab-2'"),
    "a number under the cloud's cursor is missing": (
        "in_order", "cloud", "DELETE FROM upload_batch WHERE first <= 3 AND last >= 3"),
    "a line is changed": ("content", "gateway", "UPDATE inbox SET line = x'7b7d' WHERE cabinet = 'cab-1' AND seq = 4"),
    "a line was never sent": (
        "content", "gateway",
        "INSERT INTO inbox SELECT cabinet, epoch, seq + 1, received_ms, occurred_ms, kind, reason, line, digest "
        "FROM inbox WHERE cabinet = 'cab-1' AND seq = 8 AND kind = 'door_shut'",
        "UPDATE inbox SET seq = 10 WHERE rowid = (SELECT max(rowid) FROM inbox)"),
    "two requests are open for a bin": (
        "requests", "gateway",
        "INSERT INTO request SELECT id || 'x', cabinet, bin, part, quantity, stock, 1 FROM request"),
    "a need is without a request": ("requests", "gateway", "DELETE FROM request"),
    "a bin with enough has a request": (
        "requests", "gateway", "INSERT INTO request VALUES ('x', 'cab-1', 3, 'BULB', 5, 39, 1)"),
    "a request asks for more than fits": ("requests", "gateway", "UPDATE request SET quantity = 18"),
    "a policy is told and no request raised by it": (
        "requests", "gateway",
        """INSERT INTO feed_entry VALUES (1, 'policy', '{"levels":[["cab-1",3,"BULB",39,50]]}', 1, 1)""",
        "INSERT INTO feed_answer VALUES (1, 'done', '', '', 1, '', -1, -1)"),
    "an override has ended and its request stands": (
        "requests", "gateway",
        """INSERT INTO feed_entry VALUES (1, 'policy', '{"levels":[["cab-1",1,"OF-1",2,9]]}', 1, 1)""",
        """INSERT INTO feed_entry VALUES (2, 'policy', '{"levels":[["cab-1",1,"OF-1",4,9]],"until_ms":9}', 1, 1)""",
        "INSERT INTO feed_answer VALUES (1, 'done', '', '', 1, '', -1, -1), (2, 'done', '', '', 1, '', -1, -1)"),
    "a bin of a visit is answered twice for one session": (
        "visits", "gateway",
        "INSERT INTO restocked VALUES ('a', 'v', 'cab-1', 1, 'OF-1', 's', '', 1, 1, '', 1), "
        "('b', 'v', 'cab-1', 1, 'OF-1', 's', '', 1, 1, '', 1)"),
    "a bin of a visit is answered by another count than was booked": (
        "visits", "gateway", "INSERT INTO restocked VALUES ('a', 'v', 'cab-1', 1, 'OF-1', 's', '', 1, 1, 'm', 1)"),
    "a bin of a visit was touched and not answered": (
        "visits", "gateway",
        "INSERT INTO feed_entry VALUES (1, 'restock', "
        """'{"visit":"v","lines":[["cab-1",1,"OF-1",-2]],"until_ms":9000000000000}', 1, 1)""",
        "INSERT INTO feed_answer VALUES (1, 'done', '', '', 1, '', -1, -1)",
        "UPDATE movement SET cause = 'removal' WHERE cause = 'take'"),
    "two requests are open in the cloud": (
        "requests", "cloud",
        "INSERT INTO request SELECT shop_id, id || 'x', dealer_id, cabinet, bin, part, quantity, stock, 1, 1 "
        "FROM request"),
}  # fmt: skip
