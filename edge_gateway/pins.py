"""The second factor for doors that a badge alone does not open: who was asked for a PIN, tries, digests.

A badge at such a door is journaled by its controller; for a minute from then on the kiosk asks that person. The right
PIN becomes an unlock command. Five wrong ones in a row, and the person waits: 1 minute, then 2, 4, up to an hour.
Works without the cloud. Kept is an Argon2id digest with a salt of its own; it never leaves the shop.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

from edge_gateway.books import Books
from edge_gateway.kiosk_seam import ActionError, ChoosePin, EnterPin, PinAsked
from edge_gateway.shop_document import Person
from edge_gateway.store import Store

ASKED_MS = 60_000  # for so long after the badge a PIN is taken
LATE_MS = 60_000  # a badge journaled longer ago asks nobody any more
CHOOSE_MS = 24 * 3_600_000  # for so long after the dealer allowed it a person may choose a PIN
WRONG_MAX = 5
WAIT_MS, WAIT_MS_MAX = 60_000, 3_600_000
DIGITS_MIN, DIGITS_MAX = 4, 8

Submit = Callable[[Callable[[], Any]], Any]  # runs on the writer, and waits for it


class BadgeRefused(NamedTuple):
    """What a controller journaled of a badge."""

    cabinet: str
    badge: str
    reason: str
    at_ms: int


class Held(NamedTuple):
    """What is held of a person's PIN."""

    digest: str
    chosen_ms: int


class PinDesk:
    """`note` runs on the writer; the rest anywhere. `submit` runs something on the writer and waits for it."""

    def __init__(self, submit: Submit, now_ms: Callable[[], int]) -> None:
        self._submit = submit
        self._now_ms = now_ms
        self._asked: dict[str, PinAsked] = {}
        self._one_at_a_time = threading.Lock()  # two guesses at once are two guesses
        self._hasher = Argon2Hasher()

    # ---- who is asked ----

    def note(self, refused: BadgeRefused, store: Store, books: Books, *, knows_pins: bool) -> None:
        """A badge was refused. One that an older controller does not know because of its doors counts as well."""
        now_ms, cabinet = self._now_ms(), refused.cabinet
        person = None if books.document is None else person_of(books.document.people, refused.badge)
        is_asked = refused.reason == ("pin" if knows_pins else "unknown") and bool(pin_doors(books, cabinet))
        if person is not None and is_asked and now_ms - refused.at_ms <= LATE_MS:
            self._asked[cabinet] = _told(cabinet, person.id, now_ms, store, books)

    def asked(self) -> tuple[PinAsked, ...]:
        """Whom the kiosk asks now."""
        now_ms = self._now_ms()
        return tuple(found for _, found in sorted(self._asked.copy().items()) if found.until_ms > now_ms)

    # ---- what they answer ----

    def enter(self, action: EnterPin, store: Store, books: Callable[[], Books]) -> list[int]:
        """The doors a right PIN opens (`ActionError`); every try is kept."""
        with self._one_at_a_time:
            held = self._submit(lambda: self._may_try(action.cabinet, action.person, store, books()))
            right = self._is_right(action.pin, held.digest)
            self._submit(lambda: self._keep_try(store, action.person, action.cabinet, "right" if right else "wrong"))
            if not right:
                raise ActionError("expected the person's PIN, found another", "wrong_pin")
            self._asked.pop(action.cabinet, None)  # answered
            return pin_doors(books(), action.cabinet)

    def choose(self, action: ChoosePin, store: Store, books: Callable[[], Books]) -> None:
        """A new PIN: with the old one, or while the dealer lets the person choose (`ActionError`)."""
        _check_digits(action.pin)
        with self._one_at_a_time:
            held = self._submit(lambda: self._may_choose(action, store, books()))
            if held is not None and not self._is_right(action.old, held.digest):
                self._submit(lambda: self._keep_try(store, action.person, action.cabinet, "wrong"))
                raise ActionError("expected the person's PIN of before, found another", "wrong_pin")
            digest = self._hasher.hash(action.pin)
            self._submit(lambda: self._keep_pin(store, action, digest))

    def _is_right(self, pin: str, digest: str) -> bool:
        try:
            return self._hasher.verify(pin, digest)
        except PwdlibError:
            return False

    # ---- on the writer ----

    def _may_try(self, cabinet: str, person: str, store: Store, books: Books) -> Held:
        self._check_asked(cabinet, person)
        held = held_pin(store.one, books, person)
        if held is None:
            raise ActionError("expected a person with a PIN, found none", "no_pin")
        self._check_wait(store, person)
        return held

    def _may_choose(self, action: ChoosePin, store: Store, books: Books) -> Held | None:
        self._check_asked(action.cabinet, action.person)
        self._check_wait(store, action.person)
        held = held_pin(store.one, books, action.person)
        if held is None and not may_choose(books, action.person, self._now_ms()):
            raise ActionError("expected the dealer's leave to choose a PIN, found none", "no_pin")
        return held

    def _check_asked(self, cabinet: str, person: str) -> None:
        found = self._asked.get(cabinet)
        if found is None or found.person != person or found.until_ms <= self._now_ms():
            raise ActionError("expected a badge at the cabinet within the last minute, found none", "badge_again")

    def _check_wait(self, store: Store, person: str) -> None:
        if wait_until_ms(store.one, person) > self._now_ms():
            raise ActionError("expected a pause after wrong PINs, found another try", "pin_wait")

    def _keep_try(self, store: Store, person: str, cabinet: str, outcome: str) -> None:
        """What is asked is told anew: until when to wait after a fifth wrong one, that there is one after a choice."""
        store.keep_pin_try(person, cabinet, outcome, self._now_ms())
        found = self._asked[cabinet]
        self._asked[cabinet] = replace(
            found,
            has_pin=found.has_pin or outcome == "chosen",
            may_choose=found.may_choose and outcome != "chosen",
            wait_until_ms=wait_until_ms(store.one, person),
        )

    def _keep_pin(self, store: Store, action: ChoosePin, digest: str) -> None:
        store.keep_pin(action.person, digest, self._now_ms())
        self._keep_try(store, action.person, action.cabinet, "chosen")


def person_of(people: list[Person], badge: str) -> Person | None:
    """Whose badge it is."""
    return next((person for person in people if badge in person.badges), None)


def pin_doors(books: Books, cabinet: str) -> list[int]:
    """The doors of a cabinet that ask for a PIN."""
    cabinets = books.document.cabinets if books.document is not None else []
    return next((found.pin_doors for found in cabinets if found.id == cabinet), [])


def held_pin(one: Callable[..., Any], books: Books, person: str) -> Held | None:
    """A person's PIN, unless the dealer has reset it since."""
    row = one("select digest, chosen_ms from person_pin where person = ?", (person,))
    return None if row is None or row[1] <= _reset_ms(books, person) else Held(row[0], row[1])


def may_choose(books: Books, person: str, now_ms: int) -> bool:
    """Whether the dealer lets somebody without a PIN choose one now."""
    reset_ms = _reset_ms(books, person)
    return reset_ms > 0 and now_ms - reset_ms < CHOOSE_MS


def wait_until_ms(one: Callable[..., Any], person: str) -> int:
    """Until when a person who was wrong too often has to wait; 0: not at all."""
    wrong, last_ms = one(_WRONG, (person, person))
    over = wrong - WRONG_MAX
    return 0 if over < 0 else int(last_ms) + int(min(WAIT_MS * 2 ** min(over, 10), WAIT_MS_MAX))


_WRONG = """
select count(*), coalesce(max(at_ms), 0) from pin_try where person = ? and outcome = 'wrong'
and number > (select coalesce(max(number), 0) from pin_try where person = ? and outcome != 'wrong')
"""


def _reset_ms(books: Books, person: str) -> int:
    people = books.document.people if books.document is not None else []
    return next((found.pin_reset_ms for found in people if found.id == person), 0)


def _told(cabinet: str, person: str, now_ms: int, store: Store, books: Books) -> PinAsked:
    has_pin = held_pin(store.one, books, person) is not None
    choose = not has_pin and may_choose(books, person, now_ms)
    return PinAsked(cabinet, person, now_ms + ASKED_MS, has_pin, choose, wait_until_ms(store.one, person))


def _check_digits(pin: str) -> None:
    if not (DIGITS_MIN <= len(pin) <= DIGITS_MAX and pin.isascii() and pin.isdigit()) or len(set(pin)) == 1:
        raise ActionError(f"expected {DIGITS_MIN} to {DIGITS_MAX} digits that are not all the same", "bad_pin")
