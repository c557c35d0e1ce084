"""Chance from a seed: what the programs of this process draw, they draw from here, so that a run can be repeated."""

import contextlib
import random
import secrets
from collections.abc import Iterator
from random import Random


@contextlib.contextmanager
def seeded_chance(seed: int) -> Iterator[None]:
    """Seed `random`, and let `secrets.token_hex` draw from a seed as well: nothing of a simulation is a secret."""
    drawn = Random(f"chance {seed}")
    state, token_hex = random.getstate(), secrets.token_hex
    random.seed(f"programs {seed}")
    secrets.token_hex = lambda nbytes=None: drawn.randbytes(32 if nbytes is None else nbytes).hex()
    try:
        yield
    finally:
        secrets.token_hex = token_hex
        random.setstate(state)
