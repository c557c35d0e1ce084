"""What counting remembers and is no evidence, made anew for a database that was rebuilt: masses and references.

It reads the rows that are there and adds to a batch. A reference that cannot be known is left to the next weighing.
"""

from edge_gateway.balance import Reference
from edge_gateway.batch import Batch
from edge_gateway.decision import Cause, Decision
from edge_gateway.desk import Rows
from edge_gateway.learned import taught_by
from edge_gateway.session_evidence import ground_of, steps_of
from edge_gateway.upload_format import VerdictItem

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


def learn_again(batch: Batch, rows: Rows) -> None:
    """What every verdict that was booked teaches of its parts' masses, in the order in which they were reached.

    One that was reached anew because another bin of its session was, and changed nothing, teaches nothing again.
    """
    plan = batch.books.plan
    if plan is None:
        return
    taught: dict[tuple[str, int], tuple[tuple[str, int], ...]] = {}  # what each bin of a session has taught last
    for item in sorted((VerdictItem(*row) for row in rows.all("select * from verdict")), key=_place):
        ground, place = ground_of(item), (item.session, item.bin)
        if ground.accepted and ground.settled and taught.get(place) != ground.booked:
            taught[place] = ground.booked
            decision = Decision(Cause("", item.cabinet, "", 0, item.decided_ms, item.decided_ms))
            for part, pieces, mg, variance in taught_by(steps_of(item), item.confidence_ppm):
                decision.lessons.append((plan.cabinet(item.cabinet).part(item.bin, part), pieces, mg, variance))
            batch.add(decision)


def refer_again(batch: Batch, rows: Rows) -> None:
    """What had drifted so far counts on: a loss of the database must not hide what goes away slowly."""
    for cabinet, number, mg, sum_mg in rows.all(_REZEROED):
        decision = Decision(Cause("", cabinet, "", 0, 0, 0))
        decision.references[number] = Reference(mg, sum_mg)
        batch.add(decision)


def _place(item: VerdictItem) -> tuple[int, int, int]:
    return item.decided_ms, int(item.event.rpartition("/")[2]), item.bin
