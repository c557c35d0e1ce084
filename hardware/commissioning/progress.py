"""How far commissioning has come: one JSON file beside the record, written after every step, so that it can go on.

Written beside and renamed; it never holds a secret.
"""

import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hardware.commissioning.cell_check import Finding, finding_of
from hardware.commissioning.refusal import RefusalError


@dataclass
class Progress:
    """What has been done, by step; `findings` of every step by its name; `bins` hold their calibrations."""

    path: Path
    about: dict[str, Any] = field(default_factory=dict)  # cabinet, board, unique id, masses, who
    steps: dict[str, Any] = field(default_factory=dict)
    findings: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    bins: dict[str, dict[str, Any]] = field(default_factory=dict)
    earlier: list[dict[str, Any]] = field(default_factory=list)

    def done(self, step: str) -> bool:
        """Whether a step is behind us."""
        return step in self.steps

    def finish(self, step: str, figures: Any = None, findings: list[Finding] | None = None) -> None:
        """A step is done, well or not."""
        self.steps[step] = {"at_ms": time.time_ns() // 1_000_000, "figures": figures}
        self.findings[step] = [each.as_row() for each in findings or []]
        self.save()

    def forget(self, step: str) -> None:
        """A step is to be done anew."""
        self.steps.pop(step, None)
        self.findings.pop(step, None)

    def all_findings(self) -> list[Finding]:
        """What is to be mended, in the order it was found, each thing once."""
        rows = [finding_of(row) for rows in self.findings.values() for row in rows]
        return [row for at, row in enumerate(rows) if row not in rows[:at]]

    def faulty_bins(self) -> set[int]:
        """Bins that something is wrong with."""
        return {each.number for each in self.all_findings() if each.where == "bin"}

    def save(self) -> None:
        """Have it on disk."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".new")
        content = {key: value for key, value in vars(self).items() if key != "path"}
        with beside.open("w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)


def load(path: Path) -> Progress:
    """What a file holds (`RefusalError` when there is none)."""
    try:
        return Progress(path, **json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise RefusalError("no_progress", path=path) from error
