"""Everything that is checked of a board before anybody solders: pins, buses, supplies, locks, flash."""

from hardware import boards, bus_checks, flash_checks, lock_checks, pin_checks, power_checks
from hardware.boards import Board

CHECKS = (pin_checks.check, bus_checks.check, power_checks.check, lock_checks.check, flash_checks.check)


def check(board: Board) -> list[str]:
    """What is wrong with a board, a sentence each; empty when all is well."""
    return [problem for each in CHECKS for problem in each(board)]


def check_all() -> list[str]:
    """What is wrong with the boards there are files of, with their names."""
    return [f"{name}: {problem}" for name in boards.names() for problem in check(boards.load(name))]
