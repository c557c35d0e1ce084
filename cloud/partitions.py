"""The partitions that events lie in on PostgreSQL: by the hash of their shop, so that each index stays small.

By the shop and not by the gateway: a gateway that replaces another sends the same events again, and only a unique key
without the gateway in it knows them (docs/decisions/0023).
"""

from typing import Final

from sqlalchemy import Connection

EVENT_PARTITIONS: Final = 16


def event_partitions() -> tuple[str, ...]:
    """The names of the partitions."""
    return tuple(f"event_{number:02}" for number in range(EVENT_PARTITIONS))


def make_partitions(connection: Connection) -> None:
    """Make them for a new table of events; on SQLite there are none."""
    if connection.dialect.name != "postgresql":
        return
    for number, name in enumerate(event_partitions()):
        connection.exec_driver_sql(
            f"CREATE TABLE {name} PARTITION OF event FOR VALUES WITH (MODULUS {EVENT_PARTITIONS}, REMAINDER {number})"
        )
