"""Boards, wiring and parts lists: one source for firmware, simulator and documentation."""
