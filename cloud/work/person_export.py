"""Everything a dealer holds about one person of a shop, for that person to take away. Reads only.

What another dealer in the same shop holds is that dealer's to tell.
"""

import csv
import io
from typing import Any

from sqlmodel import Session, col

from cloud.shop_plan import own_shop
from cloud.tables import CabinetSession, Claim, ClaimStep, Job, Movement, Posting, Resolution, ShopPerson
from cloud.tenancy import TenantId, tenant_rows
from cloud.work.people import known_person
from cloud.work.shop_time import clock_of
from cloud.work.sources import person_source
from cloud.work.vehicle_file import safe_cell

CSV_COLUMNS = ("what", "at", "id", "where", "detail")


def export(session: Session, tenant: TenantId, shop: str, person: str) -> dict[str, Any]:
    """All rows that name somebody, by kind (`NotFoundError`)."""
    own_shop(session, tenant, shop)
    known = known_person(session, tenant, shop, person)
    left = session.exec(
        tenant_rows(tenant, ShopPerson).where(col(ShopPerson.shop_id) == shop, col(ShopPerson.person) == person)
    ).one_or_none()
    return {
        "shop": shop,
        "dealer": tenant.dealer,
        "person": {"id": known.id, "name": known.name, "role": known.role, "badges": list(known.badges)},
        "left_ms": left.left_ms if left else 0,
        "sessions": _rows(session, tenant, shop, CabinetSession, col(CabinetSession.person) == person),
        "movements": _movements(session, tenant, shop, person),
        "resolutions": _rows(session, tenant, shop, Resolution, col(Resolution.person) == person),
        "jobs": _rows(
            session,
            tenant,
            shop,
            Job,
            (col(Job.opened_by) == person_source(person)) | (col(Job.closed_by) == person_source(person)),
        ),
        "claims": _rows(session, tenant, shop, Claim, col(Claim.made_by) == person_source(person)),
        "claim_steps": _rows(session, tenant, shop, ClaimStep, col(ClaimStep.made_by) == person_source(person)),
    }


def _rows(session: Session, tenant: TenantId, shop: str, table: Any, condition: Any) -> list[dict[str, Any]]:
    wanted = tenant_rows(tenant, table).where(col(table.shop_id) == shop, condition)
    return [row.model_dump(exclude={"dealer_id", "ingested_ms"}) for row in session.exec(wanted)]


def _movements(session: Session, tenant: TenantId, shop: str, person: str) -> list[dict[str, Any]]:
    found = _rows(session, tenant, shop, Movement, col(Movement.person) == person)
    own = tenant_rows(tenant, Movement).where(col(Movement.shop_id) == shop, col(Movement.person) == person)
    lines: dict[str, list[dict[str, Any]]] = {row["id"]: [] for row in found}
    ids = own.with_only_columns(col(Movement.id))
    wanted = tenant_rows(tenant, Posting).where(col(Posting.shop_id) == shop, col(Posting.movement_id).in_(ids))
    for posting in session.exec(wanted.order_by(col(Posting.movement_id), col(Posting.line))):
        lines[posting.movement_id].append(posting.model_dump(include={"account", "part", "quantity"}))
    return [row | {"postings": lines[row["id"]]} for row in found]


def csv_of(exported: dict[str, Any], zone: str) -> str:
    """The same as one table, in order of time."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    known = exported["person"]
    writer.writerow(("person", "", safe_cell(known["id"]), exported["shop"], safe_cell(known["name"])))
    for badge in known["badges"]:
        writer.writerow(("badge", "", safe_cell(badge), exported["shop"], known["role"]))
    for at_ms, what, name, where, detail in sorted(_lines(exported)):
        writer.writerow((what, clock_of(at_ms, zone), safe_cell(name), safe_cell(where), safe_cell(detail)))
    return out.getvalue()


def _lines(exported: dict[str, Any]) -> list[tuple[int, str, str, str, str]]:
    found = [(row["opened_ms"], "session", row["id"], row["cabinet"], row["how"]) for row in exported["sessions"]]
    for row in exported["movements"]:
        booked = "; ".join(f"{line['quantity']:+d} {line['part']} {line['account']}" for line in row["postings"])
        found.append((row["occurred_ms"], f"movement {row['cause']}", row["id"], row["cabinet"], booked))
    found += [
        (row["resolved_ms"], "resolution", row["discrepancy"], "", row["note"]) for row in exported["resolutions"]
    ]
    found += [(row["opened_ms"], "job", row["id"], row["plate"], row["title"]) for row in exported["jobs"]]
    found += [(row["made_ms"], f"claim {row['kind']}", row["id"], "", row["reason"]) for row in exported["claims"]]
    found += [
        (row["made_ms"], f"claim {row['state']}", row["claim"], "", row["note"]) for row in exported["claim_steps"]
    ]
    return found
