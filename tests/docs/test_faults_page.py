"""docs/faults.md and the simulation name the same faults and the same rules."""

import re
from pathlib import Path

from simulator import fault_plan, faults
from simulator.verdict import RULES

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "faults.md").read_text(encoding="utf-8")


def first_columns(text: str) -> set[str]:
    """The names in the first column of the tables of a stretch of the page."""
    cells = re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([a-z_]+)`", cell)}


def test_every_fault_has_its_contract_and_no_other_is_named() -> None:
    page, rules = PAGE.split("## The rules of the oracle")
    assert first_columns(page) == set(faults.ALL)
    assert rules


def test_every_rule_is_told() -> None:
    rules = PAGE.split("## The rules of the oracle")[1].split("## How we know")[0]
    assert first_columns(rules) == set(RULES)


def test_the_commands_on_the_page_are_understood() -> None:
    for words in re.findall(r"--faults (\S+)", PAGE):
        assert fault_plan.asked(words)
