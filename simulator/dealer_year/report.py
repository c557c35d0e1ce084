"""What a year came to, by way: stock, visits, stock-outs and cost, side by side."""

from dataclasses import dataclass

from simulator.dealer_year.play import Tally

HOLDING_A_YEAR = 0.2  # of what lies there
VISIT_YUAN = 60.0
LINE_YUAN = 2.0
MISSING_YUAN = 15.0  # what it costs that a piece is not there: the mechanic's time, and some sales


@dataclass(frozen=True)
class Row:
    """One way over the year. Money in yuan; stock is the mean of all evenings."""

    way: str
    fill: float
    stock_pieces: float
    stock_yuan: float
    visits: int
    lines: int
    pieces_brought: int
    stock_outs: int  # pieces that were not there when wanted
    waited_days: float  # of those who waited for the van, each on average
    taken_back: int
    expired: int
    expired_yuan: float
    holding_yuan: float
    visits_yuan: float
    missing_yuan: float
    cost_yuan: float  # all of it: holding, visits and lines, expired, missing


def row_of(way: str, tally: Tally) -> Row:
    """The row of a year."""
    days = max(tally.days, 1)
    value = tally.value_days / days
    holding = value * HOLDING_A_YEAR * tally.days / 365.25
    visits = tally.visits * VISIT_YUAN + tally.lines * LINE_YUAN
    missing = tally.missing * MISSING_YUAN
    return Row(
        way=way,
        fill=round(1 - tally.missing / max(tally.asked, 1), 5),
        stock_pieces=round(tally.stock_days / days, 1),
        stock_yuan=round(value, 0),
        visits=tally.visits,
        lines=tally.lines,
        pieces_brought=tally.brought,
        stock_outs=tally.missing,
        waited_days=round(tally.waited_days / max(tally.waited, 1), 2),
        taken_back=tally.taken_back,
        expired=tally.expired,
        expired_yuan=round(tally.expired_value, 0),
        holding_yuan=round(holding, 0),
        visits_yuan=round(visits, 0),
        missing_yuan=round(missing, 0),
        cost_yuan=round(holding + visits + tally.expired_value + missing, 0),
    )


COLUMNS = (
    ("fill", "fill", "{:.4f}"),
    ("stock, pieces", "stock_pieces", "{:,.0f}"),
    ("stock, yuan", "stock_yuan", "{:,.0f}"),
    ("visits", "visits", "{:,}"),
    ("lines", "lines", "{:,}"),
    ("stock-outs", "stock_outs", "{:,}"),
    ("days waited", "waited_days", "{:.2f}"),
    ("taken back", "taken_back", "{:,}"),
    ("expired", "expired", "{:,}"),
    ("cost, yuan", "cost_yuan", "{:,.0f}"),
)


def table(rows: list[Row]) -> str:
    """As Markdown."""
    lines = [
        "| way | " + " | ".join(title for title, _, _ in COLUMNS) + " |",
        "|---|" + "---:|" * len(COLUMNS),
    ]
    for row in rows:
        lines.append(
            f"| {row.way} | " + " | ".join(form.format(getattr(row, name)) for _, name, form in COLUMNS) + " |"
        )
    return "\n".join(lines)
