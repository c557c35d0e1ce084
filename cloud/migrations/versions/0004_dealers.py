"""Many dealers: roles, catalogue, work, shops that several dealers serve; events in partitions.

Every table is made anew beside the one of before and filled from it, because keys, partitions and columns change at
once; SQLite could change few of them in place. What was received is kept batch by batch instead of item by item, and
the jobs that shops' documents named become rows.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from alembic import op
from sqlalchemy import Connection, inspect, text

from cloud.migrations.statements import execute_file, execute_own_file

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BATCH = 500
Row = Any


def upgrade() -> None:
    """Put the tables aside, make the new ones, fill them, and let the old ones go."""
    connection = op.get_bind()
    old = sorted(set(inspect(connection).get_table_names()) - {"alembic_version"})
    if connection.dialect.name == "sqlite":
        _put_aside_on_sqlite(connection, old)
    else:
        _put_aside_on_postgresql(connection, old)
    execute_own_file("0004_dealers")
    execute_file("0004_dealers_rows.sql")
    _keep_batches(connection)
    _keep_jobs(connection)
    _let_go(connection, old)


# ---- the tables of before ----


def _put_aside_on_sqlite(connection: Connection, tables: list[str]) -> None:
    found = connection.exec_driver_sql(
        "SELECT type, name FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
    )
    for kind, name in found.all():
        connection.exec_driver_sql(f"DROP {kind} {name}")
    for table in tables:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO before_{table}")


_HERE = "relnamespace = current_schema()::regnamespace AND left(relname, 7) <> 'alembic'"


def _put_aside_on_postgresql(connection: Connection, tables: list[str]) -> None:
    """Names of indexes, sequences and constraints too: new tables are to have the names that they have in a new one."""
    constraints = connection.exec_driver_sql(
        "SELECT relname, conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid "  # noqa: S608
        f"WHERE contype IN ('n', 'f', 'c') AND {_HERE}"
    )
    for table, name in constraints.all():
        connection.exec_driver_sql(f'ALTER TABLE {table} RENAME CONSTRAINT "{name}" TO "before_{name}"')
    for kind, letter in (("INDEX", "i"), ("SEQUENCE", "S")):
        found = connection.exec_driver_sql(f"SELECT relname FROM pg_class WHERE relkind = '{letter}' AND {_HERE}")  # noqa: S608
        for (name,) in found.all():
            connection.exec_driver_sql(f'ALTER {kind} "{name}" RENAME TO "before_{name}"')
    for table in tables:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO before_{table}")


def _let_go(connection: Connection, tables: list[str]) -> None:
    ending = "" if connection.dialect.name == "sqlite" else " CASCADE"
    for table in tables:
        connection.exec_driver_sql(f"DROP TABLE before_{table}{ending}")
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS upload_item_refuses()")
        connection.exec_driver_sql("SELECT setval('dealer_user_id_seq', max(id)) FROM dealer_user HAVING max(id) > 0")


# ---- what was received ----


def _keep_batches(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "INSERT INTO upload_batch (gateway_id, epoch, first, last, dealer_id, digests) "  # noqa: S608
            "SELECT gateway_id, epoch, min(seq), max(seq), min(dealer_id), string_agg(digest, ''::bytea ORDER BY seq) "
            f"FROM before_upload_item GROUP BY gateway_id, epoch, (seq - 1) / {BATCH}"
        )
        return
    items = connection.exec_driver_sql(
        "SELECT gateway_id, epoch, seq, dealer_id, digest FROM before_upload_item ORDER BY gateway_id, epoch, seq"
    )
    for batch in _batches(items):
        connection.exec_driver_sql(
            "INSERT INTO upload_batch (gateway_id, epoch, first, last, dealer_id, digests) VALUES (?, ?, ?, ?, ?, ?)",
            batch,
        )


def _batches(items: Iterable[Row]) -> Iterator[tuple[Any, ...]]:
    for (gateway, epoch, _), group in groupby(items, lambda row: (row[0], row[1], (row[2] - 1) // BATCH)):
        rows = list(group)
        digests = b"".join(row[4] for row in rows)
        yield gateway, epoch, rows[0][2], rows[-1][2], rows[0][3], digests


# ---- jobs ----

_JOB = text(
    "INSERT INTO job (shop_id, id, dealer_id, title, vehicle, plate, vin, opened_ms, opened_by, closed_ms, closed_by, "
    "changed_ms, source) VALUES (:shop, :id, :dealer, :title, '', :plate, :vin, :opened_ms, '', :closed_ms, '', 0, "
    "'document')"
)


def _keep_jobs(connection: Connection) -> None:
    """A job is open from the document that first names it until one that does not."""
    documents = connection.exec_driver_sql(
        "SELECT shop_id, dealer_id, stored_ms, body FROM document ORDER BY shop_id, version"
    ).all()
    for _, group in groupby(documents, lambda row: row[0]):
        for job in _jobs(list(group)).values():
            connection.execute(_JOB, job)


def _jobs(documents: list[Row]) -> dict[str, dict[str, object]]:
    jobs: dict[str, dict[str, object]] = {}
    for shop, dealer, stored_ms, body in documents:
        named = {job["id"]: job for job in json.loads(bytes(body))["jobs"]}
        for name, job in named.items():
            known = jobs.setdefault(name, {"shop": shop, "dealer": dealer, "id": name, "opened_ms": stored_ms})
            known |= {"title": job["title"], "plate": job.get("plate", ""), "vin": job.get("vin", ""), "closed_ms": 0}
        for name in jobs.keys() - named.keys():
            jobs[name]["closed_ms"] = jobs[name]["closed_ms"] or stored_ms
    return jobs
