"""What counting remembers and is no evidence, made anew for a database that was rebuilt or is of before.

It reads the rows that are there and adds to a batch. A reference that cannot be known is left to the next weighing.
"""

from typing import NamedTuple

import msgspec

from edge_gateway.balance import Reference
from edge_gateway.batch import Batch
from edge_gateway.counting.cells import CELLS
from edge_gateway.counting.evidence import Step
from edge_gateway.counting_memory import CountingMemory
from edge_gateway.decision import Cause, Decision, TagRead, about
from edge_gateway.desk import Rows
from edge_gateway.evidence_rows import session_id
from edge_gateway.gain import Gain, sigma_ppm
from edge_gateway.hands import KEPT_MS, Hands
from edge_gateway.learned import Lesson, Lessons, taught_by
from edge_gateway.level_check import AGREES
from edge_gateway.planogram import CabinetPlan
from edge_gateway.serial_devices.bench_actions import taught_belief
from edge_gateway.session_evidence import VerdictGround, ground_of, steps_of
from edge_gateway.tag_book import TagBook
from edge_gateway.upload_format import MovementItem, PostingItem, TaughtMassItem, VerdictItem

_decode_steps = msgspec.json.Decoder(tuple[Step, ...]).decode
# The last re-zeroing of each bin that nobody has counted since, and what the bin weighed last.
_REZEROED = """
select z.cabinet, z.bin, w.mg, z.sum_mg from rezero z
join bin_weight w on w.cabinet = z.cabinet and w.bin = z.bin
where not exists (
    select 1 from rezero n where n.cabinet = z.cabinet and n.bin = z.bin
        and (n.rezeroed_ms > z.rezeroed_ms or n.rezeroed_ms = z.rezeroed_ms and n.id > z.id)
) and not exists (
    select 1 from movement m where m.cabinet = z.cabinet and m.bin = z.bin and m.seq = 0 and m.booked_ms > z.rezeroed_ms
)
"""
# Inventories of a cabinet and the ends of its sessions, in the order of its journals.
_TAGS = """
select i.epoch, i.seq, json_extract(cast(i.line as text), '$.body.session') as session,
    t.session as read_session, t.pass, t.rounds, t.seen, t.more
from inbox i join cursor c on c.cabinet = i.cabinet and c.epoch = i.epoch
left join tag_read t on t.cabinet = i.cabinet and t.epoch = i.epoch and t.seq = i.seq
where i.cabinet = ?1 and i.kind in ('tags_read', 'session_closed')
    and exists (select 1 from tag_read r where r.cabinet = ?1)
    and (i.kind = 'tags_read' or json_extract(cast(i.line as text), '$.body.how') != 'not_opened')
order by c.begun_ms, i.seq
"""
_FOUND = "select epc, what from tag_found where cabinet = ? and epoch = ? and seq = ? order by epc"
# What somebody took, gave back, or is told now to have: as it was booked, with what it was weighed in.
_HANDS = """
select m.id, m.cause, m.person, m.corrects, m.occurred_ms, p.account, p.part, p.quantity,
    case when c.cause in ('take', 'return') then c.person
        when c.cause = 'misplaced' and exists (
            select 1 from posting s where s.movement = m.id and s.account like 'shop:%'
        ) then c.person else '' end,
    (select v.steps from verdict v where v.session = m.session and v.bin = m.bin and m.seq > 0
        and v.event = m.cabinet || '/' || m.epoch || '/' || m.seq)
from movement m join posting p on p.movement = m.id and p.account like 'bin:%'
left join movement c on c.id = m.corrects
where m.cause in ('take', 'return', 'correction') and m.booked_ms > ?
order by m.booked_ms, m.seq = 0, m.seq, m.bin, m.id, p.line
"""


_COUNTED_LAST = """
select * from verdict where id in (
    select id from (
        select id, row_number() over (partition by cabinet, bin order by decided_ms desc, number desc) as place
        from verdict
    )
    where place = 1
)
"""
_BOOT = "select json_extract(cast(line as text), '$.body.boot') from inbox where cabinet = ? and epoch = ? and seq = ?"
_ANSWERED = """
select d.id, d.session, d.bin from discrepancy d join resolution r on r.discrepancy = d.id
where r.person != '' or r.note = ?
"""


def learn_again(batch: Batch, rows: Rows) -> None:
    """What every verdict that was booked teaches of its parts' masses, in the order in which they were reached.

    What a session taught before it was counted otherwise is taken back, as it was then.
    """
    plan = batch.books.plan
    if plan is None:
        return
    last: dict[tuple[str, int], _Taught] = {}  # by session and bin
    taught_here = [TaughtMassItem(*row) for row in rows.all("select * from taught_mass order by taught_ms desc, id")]
    for item in sorted((VerdictItem(*row) for row in rows.all("select * from verdict")), key=_place):
        _believe(batch, taught_here, item.decided_ms)
        ground, before = ground_of(item), last.get((item.session, item.bin), _Taught())
        if _teaches(ground, before):
            decision = Decision(Cause("", item.cabinet, "", 0, item.decided_ms, item.decided_ms))
            lessons = Lessons(batch.books.counting.masses, decision.masses)
            lessons.take_back(before.lessons)
            taught = _teach(lessons, plan.cabinet(item.cabinet), item, ground)
            last[item.session, item.bin] = _Taught(taught, ground.booked)
            batch.add(decision)
    _believe(batch, taught_here)


def _believe(batch: Batch, taught_here: list[TaughtMassItem], until_ms: int | None = None) -> None:
    """What was weighed at the bench until then is believed again; `taught_here` has what is left, the oldest last."""
    while taught_here and (until_ms is None or taught_here[-1].taught_ms <= until_ms):
        item = taught_here.pop()
        batch.add(Decision(Cause("", "", "", 0, 0, 0), masses={item.part: taught_belief(item)}))


class _Taught(NamedTuple):
    """What a bin of a session has taught last, and what was booked of it then."""

    lessons: tuple[Lesson, ...] = ()
    booked: tuple[tuple[str, int], ...] | None = None


def _teaches(ground: VerdictGround, before: _Taught) -> bool:
    """Whether a verdict taught something else than the one before; one of an older gateway says so by what it booked.

    One that was reached anew because another bin of its session was, and changed nothing, teaches nothing again.
    """
    if ground.taught is not None:
        return ground.taught != before.lessons
    return ground.accepted and ground.settled and ground.booked != before.booked


def _teach(lessons: Lessons, plan: CabinetPlan, item: VerdictItem, ground: VerdictGround) -> tuple[Lesson, ...]:
    if ground.taught is not None:
        for lesson in ground.taught:
            lessons.repeat(plan.part(item.bin, lesson.part), lesson)
        return ground.taught
    return tuple(
        lessons.learn(plan.part(item.bin, part), pieces, mg, variance)
        for part, pieces, mg, variance in taught_by(steps_of(item), item.confidence_ppm, ground.bin.cell)
    )


def refer_again(batch: Batch, rows: Rows) -> None:
    """What had drifted so far counts on: a loss of the database must not hide what goes away slowly."""
    for cabinet, number, mg, sum_mg in rows.all(_REZEROED):
        decision = Decision(Cause("", cabinet, "", 0, 0, 0))
        decision.references[number] = Reference(mg, sum_mg)
        batch.add(decision)


def gain_again(batch: Batch, rows: Rows) -> None:
    """What cells read too much, as each bin was counted with last. What a later start did shows in the next weight."""
    for item in (VerdictItem(*row) for row in rows.all(_COUNTED_LAST)):
        cabinet, epoch, seq = item.event.rsplit("/", 2)  # it tells of which start of the controller it was
        of_bin, told = ground_of(item).bin, rows.one(_BOOT, (cabinet, epoch, int(seq)))
        found = Gain(of_bin.gain_ppm, round(sigma_ppm(of_bin.cell, CELLS[of_bin.cell.name])), told[0] if told else 0)
        if found.ppm or found.sigma_ppm:
            batch.add(Decision(Cause("", item.cabinet, "", 0, 0, 0), gains={item.bin: found}))


def remember_again(batch: Batch, rows: Rows, now_ms: int) -> None:
    """Tags, hands and answers: while rows came back by kinds they were followed in no order."""
    counting = batch.books.counting
    counting.touched_hands |= set(counting.hands.persons)
    counting.hands = Hands()
    hands_again(counting, rows, now_ms)
    for cabinet in batch.books.present:
        found = tags_again(rows, cabinet)
        if found.reads_tags:
            counting.tags[cabinet] = found
            counting.touched_tags.add(cabinet)
    said = answered_again(counting, rows)
    counting.answered |= said
    counting.touched_answers |= said
    batch.touch_counting()


def answered_again(counting: CountingMemory, rows: Rows) -> set[tuple[str, int]]:
    """Of what may be decided again, that of which it was said for good what happened."""
    said = [(about(name, session), number) for name, session, number in rows.all(_ANSWERED, (AGREES,))]
    said += rows.all("select session, bin from movement where corrects != '' and seq = 0")
    for of_bins in counting.moved.values():
        said += [(last.occurrence, number) for number, last in of_bins.items() if last.counted]
    kept = counting.verdicts.keys() | counting.last_sessions()
    return {(session, number) for session, number in said if session in kept}


def hands_again(counting: CountingMemory, rows: Rows, now_ms: int) -> None:
    """What people may have in hand now, by what was booked since they may have it."""
    for movement, cause, person, corrects, occurred_ms, *posting, hand, steps in rows.all(_HANDS, (now_ms - KEPT_MS,)):
        lines = [PostingItem(*posting)]
        item = MovementItem(movement, cause, "", "", person, "", occurred_ms, 0, 0, corrects, "", lines)
        counting.follow_hand(item, hand, _decode_steps(steps or "[]"))


def tags_again(rows: Rows, cabinet: str) -> TagBook:
    """What a cabinet's tags were, by all that was ever read. An end that was told twice is one."""
    book, ended = TagBook(), set()
    for epoch, seq, session, read_session, *figures in rows.all(_TAGS, (cabinet,)):
        if read_session is not None:
            number, rounds, seen, more = figures
            found = tuple(rows.all(_FOUND, (cabinet, epoch, seq)))
            book.take(TagRead(read_session, number, rounds, seen, more, found))
        elif (epoch, session) not in ended:
            ended.add((epoch, session))
            book.end_session(session_id(cabinet, epoch, session))
    return book


def _place(item: VerdictItem) -> tuple[int, int, int]:
    return item.decided_ms, int(item.event.rpartition("/")[2]), item.bin
