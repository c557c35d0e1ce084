"""`partsbay backtest`: measures a table, prints a row for each method, writes the report and its picture."""

import json
import sys
from pathlib import Path
from typing import Any

from cloud.replenishment.backtest.backtest import Terms, run
from cloud.replenishment.backtest.demand_table import read
from cloud.replenishment.backtest.picture import picture

_NAME = 34
_HEADINGS = ("RMSE", "RMSSE", "pin.90", "pin.95", "fill", "on hand", "cost", "newsv.", "on hand, true")


def main(file: Path, terms: Terms, report_file: Path | None) -> int:
    """0 when done; `ValueError` with a sentence when the table or the terms are refused."""
    table = read(file)
    _say(f"{file}: {len(table.parts):,} parts, {len(table.periods)} periods")
    _say(f"{'':{_NAME}}" + "".join(f"{each:>{_width(each)}}" for each in _HEADINGS))
    report = run(table, terms, lambda row: _say(line(row)))
    _say(_below(report))
    if report_file is not None:
        report_file.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        report_file.with_suffix(".svg").write_text(picture(report), encoding="utf-8")
    return 0


def line(row: dict[str, Any]) -> str:
    """A method's row."""
    true = row["at_true_fill"]
    cells = (
        f"{row['rmse']:.3f}",
        f"{row['rmsse']:.3f}",
        f"{row['pinball_90']:.3f}",
        f"{row['pinball_95']:.3f}",
        f"{row['at_aim']['fill']:.3f}",
        f"{row['at_aim']['on_hand']:.2f}",
        f"{row['at_aim']['cost']:.2f}",
        f"{row['newsvendor']['cost']:.2f}",
        "never" if true is None else f"{true['on_hand']:.2f}",
    )
    aligned = (f"{cell:>{_width(name)}}" for cell, name in zip(cells, _HEADINGS, strict=True))
    return f"{row['method']:{_NAME}}" + "".join(aligned)


def _below(report: dict[str, Any]) -> str:
    fill, data, choice = report["settings"]["fill"], report["data"], report["choice"]
    ways = ", ".join(f"{name}: {way}" for name, way in choice["by_class"].items())
    judged = f"judged from {', '.join(choice['judged_from'])}" if choice["judged_from"] else "nothing to judge by"
    return "\n".join(
        (
            f"fill, on hand, cost: at an aim of {fill:.1%}; newsv.: cost at the cost ratio's levels; "
            f"on hand, true: for a fill of {fill:.1%} indeed",
            f"measured {data['measured_from']} to {data['last_period']}, simulated from {data['simulated_from']}",
            f"ways by class ({judged}): {ways}",
            f"{report['seconds']:.0f} s, {report['memory_mb']:.0f} MB",
        )
    )


def _width(heading: str) -> int:
    return max(len(heading) + 2, 8)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
