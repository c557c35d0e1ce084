"""A shop's statement of one month: computed for as long as the month is open, read as it was once it is closed.

A month holds what was taken in it by the shop's own calendar, with whatever corrected or charged that since. What
arrives for a month that is closed already stands in the next one as a correction. What a closed statement billed is in
`billed_line`, each line of the ledger once and for ever, so nothing is billed twice and nothing is forgotten.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from cloud.history import open_discrepancies
from cloud.shop_plan import ShopPlan, plan_of
from cloud.tables import BilledLine, Claim, ClaimStep, Dealer, Discrepancy, Job, Shop, Statement, Vehicle
from cloud.tenancy import TenantId, owned, tenant_rows
from cloud.work.consumed import Consumed, lines_between, lines_ingested, lines_of_movement
from cloud.work.line_prices import line_prices
from cloud.work.shop_rows import ShopRows, own_rows
from cloud.work.shop_time import day_of, month_after, month_of, month_span_ms
from cloud.work.statement_lines import Entry, currency_totals, lines_of, rate_totals
from cloud.work.statement_views import OpenQuestion, StatementJob, StatementView
from cloud.work.vehicles import vehicles_named

ARRIVING_MS = 3_600_000  # an upload that was under way while a month was closed took no longer
ZONE_MS = 26 * 3_600_000  # between the first and the last place on earth where a day begins
QUESTIONS_MAX = 200
_IDS_AT_ONCE = 500


@dataclass(frozen=True)
class Month:
    """One month of one shop, for one dealer, in an open transaction."""

    session: Session
    tenant: TenantId
    rows: ShopRows
    plan: ShopPlan
    shop: Shop
    month: str

    @property
    def span_ms(self) -> tuple[int, int]:
        """From when until before when."""
        return month_span_ms(self.month, self.shop.time_zone)


def open_month(session: Session, tenant: TenantId, shop: str, month: str, now_ms: int) -> Month:
    """A month of one of the tenant's shops (`NotFoundError`, `MonthError`)."""
    rows = own_rows(session, tenant, shop, now_ms)
    row = session.exec(tenant_rows(tenant, Shop).where(col(Shop.id) == shop)).one()
    month_span_ms(month, row.time_zone)
    return Month(session, tenant, rows, plan_of(session, tenant, shop), row, month)


def statement(session: Session, tenant: TenantId, shop: str, month: str, now_ms: int) -> StatementView:
    """The statement of a month (`NotFoundError`, `MonthError`)."""
    wanted = open_month(session, tenant, shop, month, now_ms)
    closed = closed_statement(session, tenant, shop, month)
    if closed is not None:
        view = StatementView.model_validate_json(closed.body)
        return view.model_copy(update={"digest": closed.digest})
    return view_of(wanted, entries_of(wanted))


def closed_statement(session: Session, tenant: TenantId, shop: str, month: str) -> Statement | None:
    """A closed month as it is kept."""
    rows = tenant_rows(tenant, Statement).where(col(Statement.shop_id) == shop, col(Statement.month) == month)
    return session.exec(rows).one_or_none()


def closed_months(session: Session, tenant: TenantId, shop: str) -> dict[str, Statement]:
    """Closed statements of a shop by month, without their bodies being read."""
    rows = tenant_rows(tenant, Statement).where(col(Statement.shop_id) == shop)
    columns = (col(Statement.month), col(Statement.closed_ms), col(Statement.closed_by))
    return {
        month: Statement(shop_id=shop, dealer_id=tenant.dealer, month=month, closed_ms=closed_ms, closed_by=closed_by)
        for month, closed_ms, closed_by in session.execute(rows.with_only_columns(*columns).order_by(columns[0]))
    }


# ---- what a month bills ----


def entries_of(wanted: Month) -> list[Entry]:
    """Everything the open month bills or credits."""
    from_ms, to_ms = wanted.span_ms
    session, tenant, shop = wanted.session, wanted.tenant, wanted.shop.id
    closed = closed_months(session, tenant, shop)
    if is_next(wanted.month, closed):  # by another time zone the month before may have ended later than it was closed
        from_ms -= ZONE_MS
    lines = {line.ref: line for line in lines_between(session, tenant, shop, from_ms, to_ms)}
    if is_next(wanted.month, closed):
        lines |= {line.ref: line for line in _late(wanted, closed)}
    claims = _claims(wanted, closed)
    billed = _billed(wanted, [*lines, *(f"c:{step.claim}/{step.number}" for _, step in claims)])
    kept = [line for ref, line in lines.items() if ref not in billed]
    credited = [(claim, step) for claim, step in claims if f"c:{step.claim}/{step.number}" not in billed]
    return _ledger_entries(wanted, kept) + _credits(wanted, credited)


def is_next(month: str, closed: Iterable[str]) -> bool:
    """Whether a month is the one behind the last closed one: there late lines are corrected."""
    months = sorted(closed)
    return bool(months) and month == month_after(months[-1])


def _late(wanted: Month, closed: dict[str, Statement]) -> list[Consumed]:
    """Lines of closed months that came after they were closed."""
    last = closed[max(closed)]
    until_ms = wanted.span_ms[0]
    found = lines_ingested(wanted.session, wanted.tenant, wanted.shop.id, last.closed_ms - ARRIVING_MS, until_ms)
    return [line for line in found if month_of(line.origin_ms, wanted.shop.time_zone) in closed]


def _ledger_entries(wanted: Month, lines: Sequence[Consumed]) -> list[Entry]:
    zone, from_ms = wanted.shop.time_zone, wanted.span_ms[0]
    prices = line_prices(wanted.session, wanted.tenant, wanted.shop.id, zone, lines)
    entries = []
    for line in lines:
        is_late = line.origin_ms < from_ms
        entries.append(
            Entry(
                ref=line.ref,
                kind="correction" if is_late else "used",
                job=line.job,
                part=line.part,
                quantity=line.quantity,
                day=day_of(line.occurred_ms, zone),
                price=prices[line.ref],
                of_month=month_of(line.origin_ms, zone) if is_late else "",
                is_move=line.cause == "charge" and not is_late,
            )
        )
    return entries


def _claims(wanted: Month, closed: dict[str, Statement]) -> list[tuple[Claim, ClaimStep]]:
    """Claims that were accepted in the month, or before it and after the month was closed."""
    from_ms, to_ms = wanted.span_ms
    if is_next(wanted.month, closed):
        from_ms = month_span_ms(min(closed), wanted.shop.time_zone)[0]
    rows = (
        tenant_rows(wanted.tenant, Claim)
        .join(
            ClaimStep,
            (col(ClaimStep.shop_id) == col(Claim.shop_id))
            & (col(ClaimStep.claim) == col(Claim.id))
            & owned(wanted.tenant, ClaimStep),
        )
        .where(
            col(Claim.shop_id) == wanted.shop.id,
            col(ClaimStep.state) == "accepted",
            col(ClaimStep.credit_minor) != 0,
            col(ClaimStep.made_ms) >= from_ms,
            col(ClaimStep.made_ms) < to_ms,
        )
        .with_only_columns(Claim, ClaimStep)
        .order_by(col(ClaimStep.made_ms), col(Claim.id))
    )
    return [(claim, step) for claim, step in wanted.session.execute(rows)]


def _credits(wanted: Month, claims: Sequence[tuple[Claim, ClaimStep]]) -> list[Entry]:
    """A credit takes its tax rate and currency from what was paid for the part."""
    zone = wanted.shop.time_zone
    lines = [
        line
        for claim, _ in claims
        for line in lines_of_movement(wanted.session, wanted.tenant, wanted.shop.id, claim.movement)
    ]
    prices = line_prices(wanted.session, wanted.tenant, wanted.shop.id, zone, lines)
    return [
        Entry(
            ref=f"c:{step.claim}/{step.number}",
            kind="claim",
            job=claim.job,
            part=claim.part,
            quantity=-claim.quantity,
            day=day_of(step.made_ms, zone),
            price=prices.get(f"m:{claim.movement}/{claim.line}"),
            claim=claim.id,
            claim_kind=claim.kind,
            credit_minor=-step.credit_minor,
        )
        for claim, step in claims
    ]


def _billed(wanted: Month, refs: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(refs), _IDS_AT_ONCE):
        rows = tenant_rows(wanted.tenant, BilledLine).where(
            col(BilledLine.shop_id) == wanted.shop.id,
            col(BilledLine.ref).in_(refs[start : start + _IDS_AT_ONCE]),
        )
        found.update(wanted.session.execute(rows.with_only_columns(col(BilledLine.ref))).scalars())
    return found


# ---- what it says ----


def view_of(wanted: Month, entries: Sequence[Entry], *, closed_ms: int = 0, closed_by: str = "") -> StatementView:
    """The statement of some entries."""
    jobs = _jobs(wanted, entries)
    lines = [line for job in jobs for line in job.lines]
    rates = rate_totals(lines)
    dealer = wanted.session.exec(select(Dealer).where(col(Dealer.id) == wanted.tenant.dealer)).one()
    from_ms, to_ms = wanted.span_ms
    return StatementView(
        shop=wanted.shop.id,
        shop_name=wanted.shop.name,
        shop_address=wanted.shop.address,
        dealer=dealer.id,
        dealer_name=dealer.name,
        month=wanted.month,
        time_zone=wanted.shop.time_zone,
        from_ms=from_ms,
        to_ms=to_ms,
        closed_ms=closed_ms,
        closed_by=closed_by,
        jobs=jobs,
        rates=rates,
        totals=currency_totals(rates),
        unpriced=sum(line.net_minor is None for line in lines),
        questions=_questions(wanted),
    )


def _jobs(wanted: Month, entries: Sequence[Entry]) -> list[StatementJob]:
    """By job, those that began first before others; what has no job at the end."""
    by_job: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_job[entry.job].append(entry)
    known = _known_jobs(wanted, by_job)
    vehicles = vehicles_named(wanted.rows, (job.vehicle for job in known.values()))
    ordered = sorted(by_job, key=lambda job: (not job, min(entry.day for entry in by_job[job]), job))
    jobs = [_job(wanted, name, by_job[name], known.get(name), vehicles) for name in ordered]
    return [job for job in jobs if job.lines]


def _job(
    wanted: Month, name: str, entries: Sequence[Entry], job: Job | None, vehicles: dict[str, Vehicle]
) -> StatementJob:
    vehicle = vehicles.get(job.vehicle) if job else None
    return StatementJob(
        job=name,
        title=job.title if job else "",
        vehicle=vehicle.id if vehicle else "",
        plate=(job.plate if job else "") or (vehicle.plate if vehicle else ""),
        vin=(job.vin if job else "") or (vehicle.vin if vehicle else ""),
        model=" ".join(filter(None, (vehicle.make, vehicle.model))) if vehicle else "",
        lines=lines_of(entries, wanted.plan.part_name),
    )


def _known_jobs(wanted: Month, names: Iterable[str]) -> dict[str, Job]:
    ids = sorted(set(names) - {""})
    found: dict[str, Job] = {}
    for start in range(0, len(ids), _IDS_AT_ONCE):
        rows = wanted.rows.of(Job).where(col(Job.id).in_(ids[start : start + _IDS_AT_ONCE]))
        found |= {row.id: row for row in wanted.session.exec(rows)}
    return found


def _questions(wanted: Month) -> list[OpenQuestion]:
    """Discrepancies of the shop that were opened before the month's end and stand open."""
    rows = (
        open_discrepancies(wanted.tenant)
        .where(col(Discrepancy.shop_id) == wanted.shop.id, col(Discrepancy.opened_ms) < wanted.span_ms[1])
        .order_by(col(Discrepancy.opened_ms), col(Discrepancy.id))
    )
    return [
        OpenQuestion(
            discrepancy=row.id,
            cabinet=row.cabinet,
            bin=row.bin,
            part=wanted.plan.part_name(row.part) if row.part else None,
            reason=row.reason,
            opened_ms=row.opened_ms,
        )
        for row in wanted.session.exec(rows.limit(QUESTIONS_MAX))
    ]
