"""People at the kiosk of a simulated shop: they name jobs for what was taken, and answer what the gateway asks.

They look into the bins, as people do: an answer is the truth at a moment when nobody is at the cabinet.
"""

import asyncio
import sqlite3
from contextlib import closing
from random import Random
from typing import Any

from edge_gateway.disk import CannotWriteError
from edge_gateway.kiosk_seam import Action, ActionError, ChargeSession, ResolveByNote, ResolveByStock
from simulator.people import Doing
from simulator.scenario import JOBS, PEOPLE
from simulator.simulated_shop import SimulatedShop

_PAUSE_S = (600.0, 14_400.0)
_PERSON = PEOPLE[0][0]
_SETTLED_S = 120.0


async def answer(shop: SimulatedShop, random: Random) -> None:
    """Come now and then, and do something at the kiosk."""
    draws = Random(random.random())
    while True:
        await asyncio.sleep(draws.uniform(*_PAUSE_S))
        await _charge(shop, draws)
        if draws.random() < 0.5:
            await _answer_one(shop, draws)


async def _charge(shop: SimulatedShop, random: Random) -> None:
    sessions = _rows(shop, "select id from session where how = 'shut' order by id")
    if sessions:
        job = random.choice(JOBS)[0]
        await _act(shop, ChargeSession(random.choice(sessions)[0], job, _PERSON))


async def _answer_one(shop: SimulatedShop, random: Random) -> None:
    """Count a bin that is asked about, when its cabinet has been left alone."""
    questions = _rows(shop, "select id, cabinet, bin from open_discrepancy order by id")
    if not questions:
        return
    question, cabinet, at = random.choice(questions)
    if cabinet not in shop.people or not shop.people[cabinet].lying_in(at):
        await _act(shop, ResolveByNote(question, _PERSON, "looked at it"))
        return
    visits = len(shop.people[cabinet].visits)
    await asyncio.sleep(_SETTLED_S)
    people = shop.people[cabinet]
    if people.doing is Doing.AWAY and len(people.visits) == visits and shop.has_arrived():
        await _act(shop, ResolveByStock(question, people.lying_in(at), _PERSON))


async def _act(shop: SimulatedShop, action: Action) -> None:
    try:
        made = await shop.gateway.act(action)
    except ActionError as error:
        made = error.refusal
    except CannotWriteError:  # the page says so, and people come again
        made = "cannot_write"
    shop.trace("kiosk", type(action).__name__, made)


def _rows(shop: SimulatedShop, query: str) -> list[Any]:
    if shop.gateway.life is None:
        return []
    with closing(sqlite3.connect(f"file:{shop.gateway.database}?mode=ro", uri=True)) as db:
        return db.execute(query).fetchall()
