"""One file per board: the one source for firmware, simulator, wiring and parts lists."""
