"""How often somebody may try a password, counted in the database: a restart and a second replica forget nothing.

Attempts are counted before they are checked, so that many at once do not slip through. An e-mail and a network
address have limits of their own; only the e-mail's is forgotten when the password was right.
"""

from dataclasses import dataclass

from sqlalchemy import Executable
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, select

from cloud.database import Database
from cloud.tables import SignInAttempts

ATTEMPTS_MAX = 5
ADDRESS_ATTEMPTS_MAX = 30
WINDOW_MS = 5 * 60 * 1000
KEY_CHARACTERS_MAX = 300


@dataclass
class SignInLimit:
    """Attempts by email and by network address in the last minutes."""

    database: Database
    _cleared_ms: int = 0

    def attempt(self, email: str, address: str, now_ms: int) -> int:
        """Count an attempt; milliseconds to wait when it is one too many, else 0."""
        # The address first, everywhere: two attempts never wait for each other in a circle.
        limits = {_address(address): ADDRESS_ATTEMPTS_MAX, _email(email): ATTEMPTS_MAX}
        self._clear(now_ms)
        with self.database.writing() as session:
            rows = {key: _locked_row(session, key) for key in limits}
            waits = [_wait_ms(rows[key], most, now_ms) for key, most in limits.items()]
            if max(waits) == 0:
                for row in rows.values():
                    row.times_ms = " ".join(map(str, [*_recent(row, now_ms), now_ms]))
                    row.last_ms = now_ms
                rows[_email(email)].beside = _address(address)
        return max(waits)

    def succeeded(self, email: str) -> None:
        """The password was right: earlier attempts for this email no longer count."""
        with self.database.writing() as session:
            session.exec(delete(SignInAttempts).where(col(SignInAttempts.key) == _email(email)))

    def _clear(self, now_ms: int) -> None:
        """Forget what no longer counts, now and then: guessing at random e-mails does not fill the table."""
        if now_ms - self._cleared_ms < WINDOW_MS:
            return
        self._cleared_ms = now_ms
        old = select(SignInAttempts.key).where(col(SignInAttempts.last_ms) <= now_ms - WINDOW_MS)
        with self.database.writing() as session:  # of its own, and it waits for nobody's row
            old_keys = session.exec(old.with_for_update(skip_locked=True)).all()
            session.exec(delete(SignInAttempts).where(col(SignInAttempts.key).in_(old_keys)))


def locked_out(session: Session, emails: list[str], now_ms: int) -> set[str]:
    """Which of these e-mails have to wait."""
    keys = {_email(email): email for email in emails}
    rows = session.exec(select(SignInAttempts).where(col(SignInAttempts.key).in_(sorted(keys)))).all()
    addresses = {row.beside for row in rows}
    beside = session.exec(select(SignInAttempts).where(col(SignInAttempts.key).in_(sorted(addresses)))).all()
    held = {row.key for row in beside if _wait_ms(row, ADDRESS_ATTEMPTS_MAX, now_ms)}
    return {keys[row.key] for row in rows if row.beside in held or _wait_ms(row, ATTEMPTS_MAX, now_ms)}


def lift(session: Session, email: str) -> None:
    """Somebody who may do so lets an e-mail try again, from where it was tried last, too."""
    row = session.get(SignInAttempts, _email(email))
    if row is not None:
        session.exec(delete(SignInAttempts).where(col(SignInAttempts.key).in_([row.key, row.beside])))


def _locked_row(session: Session, key: str) -> SignInAttempts:
    """The row of a key, made if there is none, and nobody else's until the transaction ends."""
    session.execute(_made_or_locked(session, key))
    return session.get_one(SignInAttempts, key)


def _made_or_locked(session: Session, key: str) -> Executable:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    made = insert(SignInAttempts).values(key=key, times_ms="", last_ms=0, beside="")
    return made.on_conflict_do_update(index_elements=["key"], set_={"key": key})


def _address(address: str) -> str:
    return f"address {address}"[:KEY_CHARACTERS_MAX]


def _email(email: str) -> str:
    return f"email {email.strip().lower()}"[:KEY_CHARACTERS_MAX]


def _recent(row: SignInAttempts, now_ms: int) -> list[int]:
    return [then for then in map(int, row.times_ms.split()) if now_ms - then < WINDOW_MS]


def _wait_ms(row: SignInAttempts, most: int, now_ms: int) -> int:
    recent = _recent(row, now_ms)
    return max(0, recent[-most] + WINDOW_MS - now_ms) if len(recent) >= most else 0
