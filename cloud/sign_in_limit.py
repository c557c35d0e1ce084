"""How often somebody may try a password. Pure but for its memory; the clock is handed in.

It counts attempts before they are checked, so that many at once do not slip through. It lives in one process:
several replicas together allow as many times more.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

ATTEMPTS_MAX = 5
ADDRESS_ATTEMPTS_MAX = 30
WINDOW_MS = 5 * 60 * 1000
KEYS_MAX = 10_000


@dataclass
class SignInLimit:
    """Attempts by email and by network address in the last minutes."""

    _attempts: OrderedDict[str, list[int]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def attempt(self, email: str, address: str, now_ms: int) -> int:
        """Count an attempt; milliseconds to wait when it is one too many, else 0."""
        limits = {f"email {email}": ATTEMPTS_MAX, f"address {address}": ADDRESS_ATTEMPTS_MAX}
        with self._lock:
            waits = [self._wait_ms(key, most, now_ms) for key, most in limits.items()]
            if max(waits) == 0:
                for key in limits:
                    self._attempts.setdefault(key, []).append(now_ms)
                    self._attempts.move_to_end(key)
                self._forget_oldest()
        return max(waits)

    def succeeded(self, email: str) -> None:
        """The password was right: earlier attempts for this email no longer count."""
        with self._lock:
            self._attempts.pop(f"email {email}", None)

    def _wait_ms(self, key: str, most: int, now_ms: int) -> int:
        recent = [then for then in self._attempts.get(key, []) if now_ms - then < WINDOW_MS]
        if recent:
            self._attempts[key] = recent
        return max(0, recent[-most] + WINDOW_MS - now_ms) if len(recent) >= most else 0

    def _forget_oldest(self) -> None:
        while len(self._attempts) > KEYS_MAX:
            self._attempts.popitem(last=False)
