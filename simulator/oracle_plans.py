"""At rest: whether every need has its request, and whether visits are answered once, by what was booked.

Reads the gateway's database only, and works out for itself which levels hold: from the entries of the feed in their
order, the newest document, and the time. Shares no code with the product.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from simulator.oracle_database import Database
from simulator.verdict import Violation

Place = tuple[str, int, str]  # cabinet, bin, part
SOON_MS = 3_600_000  # an override that ends so near to the judgement may hold or not
BROUGHT = ("restock", "removal", "misplaced")


class Plans:
    """What the gateway was told and has answered as done."""

    def __init__(self, database: Database, now_ms: int) -> None:
        self._database = database
        self._now_ms = now_ms
        self._entries = [
            (number, kind, json.loads(body))
            for number, kind, body in database.rows(
                "SELECT number, kind, body FROM feed_entry WHERE number IN "
                "(SELECT number FROM feed_answer WHERE outcome = 'done') ORDER BY number"
            )
        ]

    # ---- requests ----

    def needs(self, balances: Mapping[tuple[str, str], int]) -> list[Violation]:
        """Bins at their reorder point without a request, and requests for bins that have enough.

        Bins that something is open about are left out: how much they may hold is a matter of opinion.
        """
        answered, ended = "(SELECT discrepancy FROM resolution)", "(SELECT request FROM request_end)"
        asked = set(self._rows(f"SELECT cabinet, bin FROM discrepancy WHERE id NOT IN {answered}"))  # noqa: S608
        opened = set(self._rows(f"SELECT cabinet, bin, part FROM request WHERE id NOT IN {ended}"))  # noqa: S608
        found = []
        for place, (point, up_to, capacity) in sorted(self._levels().items()):
            if place[:2] not in asked:
                stock = balances.get((f"bin:{place[0]}/{place[1]}", place[2]), 0)
                found += _need(place, (point, up_to, capacity), stock, place in opened)
        return found

    def too_much(self) -> list[Violation]:
        """Requests for nothing, or for more than fits by the newest document."""
        capacities = {place: capacity for place, (_point, _up_to, capacity) in self._typed_in().items()}
        rows = self._rows("SELECT id, cabinet, bin, part, quantity, stock FROM request")
        return [
            Violation("requests", f"request {name}: expected 1 up to the capacity, found {quantity} beside {stock}")
            for name, cabinet, at, part, quantity, stock in rows
            if quantity < 1 or 0 < capacities.get((cabinet, at, part), 0) < stock + quantity
        ]

    def _levels(self) -> dict[Place, tuple[int, int, int]]:
        """By place of the planogram: reorder point, order-up-to level and capacity; without those about to change."""
        levels = self._typed_in()
        told: dict[Place, tuple[int, int]] = {}
        overrides: dict[Place, tuple[int, int, int]] = {}
        for _number, kind, body in self._entries:
            for cabinet, at, part, point, up_to in body["levels"] if kind == "policy" else ():
                if body.get("until_ms", 0):
                    overrides[cabinet, at, part] = point, up_to, body["until_ms"]
                else:
                    told[cabinet, at, part] = point, up_to
        for place in list(levels):
            point, up_to, until_ms = overrides.get(place, (-1, -1, 0))
            if up_to >= 0 and abs(until_ms - self._now_ms) < SOON_MS:
                del levels[place]
                continue
            chosen = (point, up_to) if up_to >= 0 and self._now_ms < until_ms else told.get(place, (-1, -1))
            if chosen[1] >= 0:
                levels[place] = *chosen, levels[place][2]
        return levels

    def _typed_in(self) -> dict[Place, tuple[int, int, int]]:
        rows = self._rows("SELECT bytes FROM document ORDER BY version DESC LIMIT 1")
        document = json.loads(rows[0][0]) if rows else {"cabinets": []}
        return {
            (cabinet["id"], bin_["bin"], part["part"]): (
                part.get("reorder_point", 0), part.get("order_up_to", 0), part.get("capacity", 0)
            )
            for cabinet in document["cabinets"]
            for bin_ in cabinet["bins"]
            for part in [bin_, *bin_.get("also", [])]
            if part.get("part")
        }  # fmt: skip

    # ---- visits ----

    def visits(self, *, in_order: bool) -> list[Violation]:
        """Answers that are there twice, that no booking bears out, and sessions at a visit's bin without an answer.

        `in_order`: what goes up was never numbered anew in another order, so that it tells what came before what.
        """
        rows = self._rows("SELECT visit, cabinet, bin, part, session, counted, movement FROM restocked")
        found = [
            Violation("visits", f"expected bin {place[1]} answered once in {session}, found {times} answers")
            for (*place, session), times in Counter((*row[1:5],) for row in rows).items()
            if times > 1
        ]
        booked = self._booked()
        for visit, cabinet, at, part, session, counted, movement in rows:
            brought = booked.get((session, (cabinet, at, part)), 0)
            if movement and counted != brought:
                text = f"visit {visit}, bin {at} in {session}: expected {brought} as booked, found {counted}"
                found.append(Violation("visits", text))
        return found + (self._unanswered({(row[0], tuple(row[1:4])) for row in rows}, booked) if in_order else [])

    def _booked(self) -> dict[tuple[str, Place], int]:
        """By session and place, what its end booked to and from the dealer, or from bin to bin."""
        booked: dict[tuple[str, Place], int] = defaultdict(int)
        for session, name, cause, account, part, quantity in self._rows(
            "SELECT m.session, m.id, m.cause, p.account, p.part, p.quantity FROM movement m "
            "JOIN posting p ON p.movement = m.id WHERE m.session != '' AND p.account LIKE 'bin:%'"
        ):
            if "/session" in name and cause in BROUGHT:
                cabinet, _, at = account.removeprefix("bin:").partition("/")
                booked[session, (cabinet, int(at), part)] += quantity
        return booked

    def _unanswered(self, answered: set[Any], booked: Mapping[tuple[str, Place], int]) -> list[Violation]:
        """Of visits that were held before a restocker came, and never called off: bins he changed, not answered."""
        off = {body["visit"] for _number, kind, body in self._entries if kind == "restock_off"}
        told = {body["visit"]: (body, number) for number, kind, body in self._entries if kind == "restock"}
        opened = dict(self._rows("SELECT id, opened_ms FROM session"))
        held_at, ended_at = self._sent("feed_answer", "number"), self._sent("session", "id")
        of_bins: set[tuple[str, Place]] = {(session, place) for session, place in booked if booked[session, place]}
        taken = {(session, (cabinet, at, part)) for cabinet, at, part, session in self._rows(
            "SELECT cabinet, bin, part, session FROM restocked")}  # fmt: skip
        found = []
        for visit, (body, number) in sorted(told.items()):
            places = {(cabinet, at, part) for cabinet, at, part, quantity in body["lines"] if quantity}
            for session, place in sorted(of_bins - taken):
                before = held_at.get(number, 0) < ended_at.get(session, 0)
                held = before and visit not in off and opened.get(session, 0) <= body["until_ms"]
                if held and place in places and (visit, place) not in answered:
                    text = f"visit {visit}: expected bin {place[1]} of {place[0]} answered for {session}, found nothing"
                    found.append(Violation("visits", text))
        return found

    def _sent(self, kind: str, name: str) -> dict[Any, int]:
        """Of the items of a kind, by name: their places among all that went up."""
        rows = self._database.rows(
            f"SELECT json_extract(CAST(content AS TEXT), '$.{name}'), seq FROM outbox "  # noqa: S608
            "WHERE json_extract(CAST(content AS TEXT), '$.kind') = ?",
            kind,
        )
        return dict(rows)

    def _rows(self, query: str) -> list[Any]:
        return self._database.rows(query)


def _need(place: Place, levels: tuple[int, int, int], stock: int, is_open: bool) -> list[Violation]:
    point, up_to, capacity = levels
    up_to = min(up_to, capacity) if capacity else up_to
    needs = up_to > 0 and stock <= min(point, up_to - 1)
    if needs == is_open or (needs and capacity and stock >= capacity):
        return []
    expected, found = ("a request", "none") if needs else ("no request", "one")
    text = (
        f"{place[0]} bin {place[1]}: expected {expected} for {stock} {place[2]} by {point} and {up_to}, found {found}"
    )
    return [Violation("requests", text)]
