"""Returns, cores (旧件) and warranty cases: each tied to the line of the take it comes from, and followed step by step.

Never more than was taken, less what came back and what is claimed already: of one line, of its job, and of the part in
the whole shop. A part that was returned or claimed under warranty has left the vehicle, so both count together; a core
is the old part, which can come back once for each new one that stays. Claims are the dealer's own; what it gives for
one is a credit on its statement.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, get_args

from sqlalchemy import or_
from sqlmodel import col

from cloud.people.rules import RefusedError, TakenError
from cloud.tables import Balance, Claim, ClaimStep, Job
from cloud.tenancy import NotFoundError, TenantId, tenant_rows
from cloud.work.consumed import Consumed, charges_of, corrections_of, lines_of_movement
from cloud.work.line_prices import line_prices
from cloud.work.prices import Price
from cloud.work.shop_rows import ShopRows
from cloud.work.vehicles import new_id
from cloud.work.views import ClaimKind, ClaimState

REASON_CHARACTERS_MAX = 1000
KINDS: Final[tuple[ClaimKind, ...]] = get_args(ClaimKind)
STATES: Final[tuple[ClaimState, ...]] = get_args(ClaimState)
NEXT: Final[dict[str, tuple[ClaimState, ...]]] = {
    "opened": ("received", "accepted", "refused", "withdrawn"),
    "received": ("accepted", "refused", "withdrawn"),
    "accepted": (),
    "refused": (),
    "withdrawn": (),
}
_DEAD = ("refused", "withdrawn")
# Kinds of which a piece can have one at most: a returned piece has no core, one that failed under warranty has.
_TOGETHER: Final = (("return", "warranty"), ("return", "core"))


class ClaimError(RefusedError):
    """A claim cannot be made or go on so; the text says what was expected and what was found."""


class ClaimConflictError(TakenError):
    """There is not as much left to claim, or the claim is in another state than the step needs."""


@dataclass(frozen=True)
class Asked:
    """What somebody wants to claim."""

    kind: str
    movement: str
    part: str
    quantity: int
    reason: str = ""
    line: int | None = None


# ---- making one ----


def open_claim(rows: ShopRows, tenant: TenantId, asked: Asked) -> Claim:
    """Make a claim (`ClaimError`, `NotFoundError`). The shop's row is the lock, so that no two claim the same piece."""
    _check(asked)
    rows.lock()
    line = _line(rows, tenant, asked)
    left = claimable(rows, tenant, line, asked.kind)
    if asked.quantity > left:
        raise ClaimConflictError(
            f"expected at most {left} of {asked.part} from {asked.movement}, found {asked.quantity}: the rest came "
            "back, was corrected, charged elsewhere, or is claimed already"
        )
    job = rows.named(Job, line.job) if line.job else None
    claim = Claim(
        shop_id=rows.shop,
        id=new_id("k-"),
        dealer_id=tenant.dealer,
        kind=asked.kind,
        movement=asked.movement,
        line=line.line,
        part=asked.part,
        quantity=asked.quantity,
        job=line.job,
        vehicle=job.vehicle if job else "",
        reason=asked.reason.strip(),
        made_by=rows.source,
        made_ms=rows.now_ms,
    )
    rows.session.add(claim)
    rows.session.flush()
    _step(rows, claim, "opened", 1)
    return claim


def _check(asked: Asked) -> None:
    if asked.kind not in KINDS:
        raise ClaimError(f"expected one of {', '.join(KINDS)}, found {asked.kind[:40]!r}")
    if asked.quantity < 1:
        raise ClaimError(f"expected a quantity from 1, found {asked.quantity}")
    if len(asked.reason) > REASON_CHARACTERS_MAX or "\0" in asked.reason:
        raise ClaimError(f"expected a reason of at most {REASON_CHARACTERS_MAX} characters, found another")


def _line(rows: ShopRows, tenant: TenantId, asked: Asked) -> Consumed:
    """The line of a take or a charge by which the part came to the shop or its job."""
    found = [
        line
        for line in lines_of_movement(rows.session, tenant, rows.shop, asked.movement)
        if line.part == asked.part and line.quantity > 0 and asked.line in {None, line.line}
    ]
    if not found:
        raise NotFoundError(f"expected a take of {asked.part!r} of yours, found {asked.movement!r}")
    return found[0]


def claimable(rows: ShopRows, tenant: TenantId, line: Consumed, kind: str) -> int:
    """How many of a line can still be claimed."""
    return max(0, claimable_of(rows, tenant, [line], kind)[line.ref])


def claimable_of(rows: ShopRows, tenant: TenantId, lines: Sequence[Consumed], kind: str) -> dict[str, int]:
    """The same of many lines, by `ref`."""
    parts = sorted({line.part for line in lines})
    held = _held(rows, tenant, parts)
    live = _live(rows, tenant, parts)
    counted = [[claim for claim in live if claim.kind in kinds] for kinds in _TOGETHER if kind in kinds]
    corrected = corrections_of(rows.session, tenant, rows.shop, {line.origin for line in lines if line.quantity > 0})
    corrected += charges_of(rows.session, tenant, rows.shop, {line.movement for line in lines if not line.job})
    return {line.ref: min(_left(line, held, claims, corrected) for claims in counted) for line in lines}


def _left(
    line: Consumed, held: dict[tuple[str, str], int], claims: Sequence[Claim], corrected: Sequence[Consumed]
) -> int:
    if line.quantity <= 0:
        return 0
    same_part = [claim for claim in claims if claim.part == line.part]
    of_line = sum(c.quantity for c in same_part if (c.movement, c.line) == (line.movement, line.line))
    of_job = sum(c.quantity for c in same_part if c.job == line.job)
    in_shop = sum(quantity for (_, part), quantity in held.items() if part == line.part)
    return min(
        line.quantity + _corrected(line, corrected) - of_line,
        held.get((line.job, line.part), 0) - of_job,
        in_shop - sum(c.quantity for c in same_part),
    )


def _corrected(line: Consumed, corrected: Sequence[Consumed]) -> int:
    """How many of a line were corrected, or charged elsewhere, since; negative."""
    of_line = (
        c for c in corrected if (c.origin, c.job, c.part) == (line.origin, line.job, line.part) and c.ref != line.ref
    )
    return min(0, sum(c.quantity for c in of_line))


def _held(rows: ShopRows, tenant: TenantId, parts: Sequence[str]) -> dict[tuple[str, str], int]:
    """What stands at the shop ("") and on its jobs, by (job, part)."""
    found = rows.session.exec(
        tenant_rows(tenant, Balance).where(
            col(Balance.shop_id) == rows.shop,
            col(Balance.part).in_(parts),
            or_(col(Balance.account).like("shop:%"), col(Balance.account).like("job:%")),
        )
    )
    return {(row.account.removeprefix("job:") if row.account.startswith("job:") else "", row.part): row.quantity
            for row in found}  # fmt: skip


def _live(rows: ShopRows, tenant: TenantId, parts: Sequence[str]) -> list[Claim]:
    """Claims of some parts that were neither refused nor withdrawn."""
    dead = (
        tenant_rows(tenant, ClaimStep)
        .where(
            col(ClaimStep.shop_id) == col(Claim.shop_id),
            col(ClaimStep.claim) == col(Claim.id),
            col(ClaimStep.state).in_(_DEAD),
        )
        .correlate(Claim)
        .exists()
    )
    wanted = tenant_rows(tenant, Claim).where(col(Claim.shop_id) == rows.shop, col(Claim.part).in_(parts), ~dead)
    return list(rows.session.exec(wanted).all())


# ---- following one ----


def own_claim(rows: ShopRows, tenant: TenantId, claim: str) -> Claim:
    """A claim of the tenant's (`NotFoundError`)."""
    row = rows.session.exec(
        tenant_rows(tenant, Claim).where(col(Claim.shop_id) == rows.shop, col(Claim.id) == claim)
    ).one_or_none()
    if row is None:
        raise NotFoundError(f"expected a claim of yours, found {claim!r}")
    return row


def go_on(
    rows: ShopRows, tenant: TenantId, claim: Claim, state: str, *, credit_minor: int | None = None, note: str = ""
) -> ClaimStep:
    """The next step of a claim (`ClaimError`). Accepting gives a credit: what it cost, or less where that is said."""
    rows.lock()
    steps = steps_of(rows, tenant, [claim])[claim.id]
    if state not in NEXT[steps[-1].state]:
        raise ClaimConflictError(f"expected {_listed(NEXT[steps[-1].state])} after {steps[-1].state}, found {state!r}")
    if len(note) > REASON_CHARACTERS_MAX or "\0" in note:
        raise ClaimError(f"expected a note of at most {REASON_CHARACTERS_MAX} characters, found another")
    if state == "accepted" and credit_minor != 0:
        _refuse_come_back(rows, tenant, claim)
    credit = _credit(rows, tenant, claim, credit_minor) if state == "accepted" else 0
    return _step(rows, claim, state, steps[-1].number + 1, credit_minor=credit, note=note.strip())


def _refuse_come_back(rows: ShopRows, tenant: TenantId, claim: Claim) -> None:
    """Refuse to credit what was put back into a bin, or corrected, since it was claimed: the statement has that."""
    lines = lines_of_movement(rows.session, tenant, rows.shop, claim.movement)
    own = [line for line in lines if line.line == claim.line]
    beyond = -min(claimable_of(rows, tenant, own, claim.kind).values(), default=0)
    if beyond > 0:
        raise ClaimConflictError(
            f"expected everything that is claimed of {claim.part} to be at the shop still, found {beyond} put back or "
            "corrected since, which the statement credits by itself: refuse this claim or another, or give no credit"
        )


def _listed(states: Iterable[str]) -> str:
    return " or ".join(states) or "nothing"


def _credit(rows: ShopRows, tenant: TenantId, claim: Claim, wanted: int | None) -> int:
    price = prices_of(rows, tenant, [claim]).get(claim.id)
    if price is None and wanted != 0:
        raise ClaimError(f"expected a price of {claim.part} on the day it was taken, found none: say one first")
    most = price.price_minor * claim.quantity if price else 0
    credit = most if wanted is None else wanted
    if not 0 <= credit <= most:
        raise ClaimError(f"expected a credit from 0 to {most}, which is what it cost, found {credit}")
    return credit


def prices_of(rows: ShopRows, tenant: TenantId, claims: Sequence[Claim]) -> dict[str, Price | None]:
    lines = {c.id: lines_of_movement(rows.session, tenant, rows.shop, c.movement) for c in claims}
    every = {line.ref: line for found in lines.values() for line in found}
    prices = line_prices(rows.session, tenant, rows.shop, rows.time_zone, list(every.values()))
    return {claim.id: prices.get(f"m:{claim.movement}/{claim.line}") for claim in claims}


def _step(rows: ShopRows, claim: Claim, state: str, number: int, *, credit_minor: int = 0, note: str = "") -> ClaimStep:
    step = ClaimStep(
        shop_id=rows.shop,
        claim=claim.id,
        number=number,
        dealer_id=claim.dealer_id,
        state=state,
        credit_minor=credit_minor,
        note=note,
        made_by=rows.source,
        made_ms=rows.now_ms,
    )
    rows.session.add(step)
    rows.session.flush()
    return step


def steps_of(rows: ShopRows, tenant: TenantId, claims: Sequence[Claim]) -> dict[str, list[ClaimStep]]:
    found: dict[str, list[ClaimStep]] = {claim.id: [] for claim in claims}
    wanted = (
        tenant_rows(tenant, ClaimStep)
        .where(col(ClaimStep.shop_id) == rows.shop, col(ClaimStep.claim).in_(sorted(found)))
        .order_by(col(ClaimStep.claim), col(ClaimStep.number))
    )
    for step in rows.session.exec(wanted):
        found[step.claim].append(step)
    return found
