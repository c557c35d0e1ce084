"""Devices as the running cloud has them: who signs, how gateways get in, and how they are recognised."""

from collections.abc import Callable

from cloud.database import Database
from cloud.devices.authority import Vault
from cloud.devices.enrolling import Enrolling
from cloud.devices.tokens import Tokens
from cloud.sign_in_limit import SignInLimit


class Devices:
    """The parts, on one database. Nothing is made before it is asked for."""

    def __init__(self, database: Database, secret: str, limit: SignInLimit, now_ms: Callable[[], int]) -> None:
        self.vault = Vault(database, secret)
        self.enrolling = Enrolling(database, self.vault, limit)
        self.tokens = Tokens(database, self.vault, now_ms)
