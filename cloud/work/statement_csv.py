"""A statement as CSV: a row a line, with everything that makes it clear by itself. Pure.

Amounts are numbers in the currency's main unit with its decimals, exact. A line without a price has none: never 0.
"""

import csv
import io

from cloud.work.money import amount_text, rate_text
from cloud.work.statement_views import StatementJob, StatementLine, StatementView
from cloud.work.vehicle_file import safe_cell

COLUMNS = (
    "month", "shop", "dealer", "job", "job_title", "plate", "vin", "kind", "of_month", "claim", "part", "name_zh",
    "name_en", "unit", "first_day", "last_day", "taken", "back", "quantity", "price_net", "net", "tax_rate", "tax",
    "gross", "currency",
)  # fmt: skip


def csv_of(view: StatementView) -> str:
    """The whole statement, lines in its order. Read by spreadsheets as UTF-8 by its first sign."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for job in view.jobs:
        for line in job.lines:
            writer.writerow(_row(view, job, line))
    return out.getvalue()


def _row(view: StatementView, job: StatementJob, line: StatementLine) -> tuple[object, ...]:
    return (
        view.month,
        safe_cell(view.shop),
        safe_cell(view.dealer),
        safe_cell(job.job),
        safe_cell(job.title),
        safe_cell(job.plate),
        safe_cell(job.vin),
        line.claim_kind or line.kind,
        line.of_month,
        line.claim,
        safe_cell(line.part.number),
        safe_cell(line.part.name_zh),
        safe_cell(line.part.name_en),
        line.part.unit,
        line.first_day,
        line.last_day,
        line.taken,
        line.back,
        line.quantity,
        *_amounts(line),
    )


def _amounts(line: StatementLine) -> tuple[str, ...]:
    if line.price_minor is None or line.net_minor is None or line.tax_minor is None:
        return ("", "", "", "", "", "")
    return (
        amount_text(line.price_minor, line.currency),
        amount_text(line.net_minor, line.currency),
        rate_text(line.tax_ppm),
        amount_text(line.tax_minor, line.currency),
        amount_text(line.net_minor + line.tax_minor, line.currency),
        line.currency,
    )
