"""A tester's plan: one TOML file, read once and checked. Steps are done in order; `repeat` does its own several times.

| `do` | keys | passes when |
|---|---|---|
| `load` | `bin`, `grams` in all, `within_g` | the bin comes to rest within so much of it |
| `weigh` | `bin`, `grams`, `within_g` | the same, without asking for anything |
| `noise` | `bin`, `at_most_g` | one code's deviation is no more |
| `wait` | `seconds` | always |
| `badge` | `uid` (default: any) | that badge is read |
| `open` | `door`, `within_ms` | the bolt is free in that time, the door is opened, and the coil keeps its limit |
| `shut` | `door`, `within_ms` | it is shut, and latched in that time |
| `trace` | `bins`, `seconds`, `file` | codes have come from each |
| `repeat` | `times`, `steps` | all of its steps pass, every time |
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_NUMBER, _TEXT, _LIST = (int, float), (str,), (list,)
_KEYS: dict[str, dict[str, tuple[type, ...]]] = {
    "load": {"bin": (int,), "grams": _NUMBER, "within_g": _NUMBER},
    "weigh": {"bin": (int,), "grams": _NUMBER, "within_g": _NUMBER},
    "noise": {"bin": (int,), "at_most_g": _NUMBER},
    "wait": {"seconds": _NUMBER},
    "badge": {"uid": _TEXT},
    "open": {"door": (int,), "within_ms": (int,)},
    "shut": {"door": (int,), "within_ms": (int,)},
    "trace": {"bins": _LIST, "seconds": _NUMBER, "file": _TEXT},
    "repeat": {"times": (int,), "steps": _LIST},
}
_MAY_LACK = {"uid"}
STEPS_MAX = 10_000


class PlanError(ValueError):
    """A plan cannot be carried out; the text says where, what was expected and what was found."""


@dataclass(frozen=True)
class Step:
    """One thing to do, with its figures."""

    number: str  # 3, or 3.2 in the second round of a repeat: 3.2.1
    do: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """Its name, and all its steps in the order they are done."""

    name: str
    steps: tuple[Step, ...]


def load(path: Path) -> Plan:
    """The plan of a TOML file (`PlanError`)."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PlanError(f"expected a plan in TOML at {path}, found: {error}") from error
    return parse(table, path.stem)


def parse(table: dict[str, Any], name: str = "") -> Plan:
    """The plan of a parsed table (`PlanError`)."""
    unknown = sorted(set(table) - {"name", "step"})
    if unknown:
        raise PlanError(f"expected name and [[step]] in the plan, found {', '.join(unknown)}")
    steps = tuple(_unrolled(table.get("step", []), ""))
    if not 0 < len(steps) <= STEPS_MAX:
        raise PlanError(f"expected 1 to {STEPS_MAX} steps, found {len(steps)}")
    return Plan(str(table.get("name", name)), steps)


def _unrolled(rows: Any, prefix: str) -> list[Step]:
    if not isinstance(rows, list):
        raise PlanError("expected steps as [[step]], found something else")
    steps: list[Step] = []
    for at, row in enumerate(rows, 1):
        number = f"{prefix}{at}"
        step = _step(row, number)
        if step.do != "repeat":
            steps.append(step)
            continue
        for round_ in range(1, min(step.values["times"], STEPS_MAX) + 1):
            steps += _unrolled(step.values["steps"], f"{number}.{round_}.")
    return steps


def _step(row: Any, number: str) -> Step:
    if not isinstance(row, dict) or row.get("do") not in _KEYS:
        raise PlanError(f"expected step {number} to do one of {', '.join(_KEYS)}, found {row!r:.60}")
    values = {key: value for key, value in row.items() if key != "do"}
    keys = _KEYS[row["do"]]
    for key in values:
        if key not in keys:
            raise PlanError(f"expected only {', '.join(keys)} in step {number} ({row['do']}), found {key}")
    for key, kinds in keys.items():
        if key not in values and key not in _MAY_LACK:
            raise PlanError(f"expected {key} in step {number} ({row['do']}), found none")
        if key in values and (not isinstance(values[key], kinds) or isinstance(values[key], bool)):
            raise PlanError(f"expected {key} of step {number} as {kinds[0].__name__}, found {values[key]!r:.40}")
    return Step(number, row["do"], values)
