"""What counting said of a session's bins, and what it said it by. Reads only."""

from sqlmodel import Session, col

from cloud.shop_plan import own_shop
from cloud.tables import Verdict
from cloud.tenancy import TenantId, tenant_rows
from cloud.views import LevelView, OutcomeView, StepView, TagView, VerdictView
from page_kit.session_rows import VerdictRow
from page_kit.session_story import Told, read_verdict
from page_kit.verdict_words import Candidate


def verdicts(session: Session, tenant: TenantId, shop: str, name: str) -> list[VerdictView]:
    """Every verdict on a session of a shop, bin by bin, the first one first (`NotFoundError` for the shop)."""
    own_shop(session, tenant, shop)
    rows = tenant_rows(tenant, Verdict).where(col(Verdict.shop_id) == shop, col(Verdict.session) == name)
    return [_verdict_view(row) for row in session.exec(rows.order_by(col(Verdict.bin), col(Verdict.number)))]


def verdict_row(row: Verdict, kind: str = "") -> VerdictRow:
    """A verdict as it is read; `kind` is that of the event which led to it."""
    texts = (row.best, row.candidates, row.levels, row.steps, row.tags)
    return VerdictRow(row.bin, row.number, row.event, kind, row.decided_ms, row.confidence_ppm, *texts)


def _verdict_view(row: Verdict) -> VerdictView:
    told = read_verdict(verdict_row(row))
    return VerdictView(
        **row.model_dump(include={"id", "cabinet", "session", "bin", "number", "event", "decided_ms", "algorithm"}),
        best=_outcome(told.best),
        candidates=[_outcome(found) for found in told.candidates],
        levels=[LevelView(**level._asdict()) for level in told.levels],
        steps=_steps(told),
        tags=[TagView(**tags._asdict()) for tags in told.tags],
    )


def _steps(told: Told) -> list[StepView]:
    return [
        StepView(
            level=step.level,
            changes=dict(step.outcome.changes),
            foreign_mg=step.outcome.foreign_mg,
            mg=step.delta_mg,
        )
        for step in told.steps
        if step.outcome
    ]


def _outcome(found: Candidate) -> OutcomeView:
    return OutcomeView(changes=dict(found.changes), foreign_mg=found.foreign_mg, ppm=found.ppm)
