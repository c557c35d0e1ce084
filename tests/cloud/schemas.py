"""What a database is made of, as text to compare: every table, index, trigger, policy, partition and grant."""

from typing import Any

from sqlalchemy import Connection

_POSTGRESQL = {
    "tables": "SELECT relname, relkind, relrowsecurity, relforcerowsecurity, pg_get_partkeydef(c.oid), "
    "pg_get_expr(relpartbound, c.oid), relacl::text FROM pg_class c WHERE relkind IN ('r', 'p', 'S') AND {here}",
    "columns": "SELECT relname, attnum, attname, format_type(atttypid, atttypmod), attnotnull, "
    "pg_get_expr(adbin, adrelid), attacl::text FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid "
    "LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum "
    "WHERE relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped AND {here}",
    "constraints": "SELECT relname, conname, pg_get_constraintdef(k.oid) FROM pg_constraint k "
    "JOIN pg_class c ON c.oid = conrelid WHERE {here}",
    "indexes": "SELECT relname, pg_get_indexdef(c.oid) FROM pg_class c WHERE relkind IN ('i', 'I') AND {here}",
    "triggers": "SELECT relname, tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid "
    "WHERE NOT tgisinternal AND {here}",
    "policies": "SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies",
    "functions": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
}
_HERE = "c.relnamespace = 'public'::regnamespace"


def schema_of(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Everything by kind, in order."""
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {"sqlite_master": sorted((kind, name, table, _words(sql)) for kind, name, table, sql in found)}
    return {
        what: sorted(map(tuple, connection.exec_driver_sql(query.format(here=_HERE)).all()), key=repr)
        for what, query in _POSTGRESQL.items()
    }


def rows_of(connection: Connection, table: str) -> list[dict[str, Any]]:
    """Every row of a table."""
    found = connection.exec_driver_sql(f"SELECT * FROM {table}").mappings()
    return [{name: _value(value) for name, value in row.items()} for row in found]


def table_names(connection: Connection) -> list[str]:
    """Every table but partitions, which are part of theirs."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if connection.dialect.name == "postgresql":
        query = f"SELECT relname FROM pg_class c WHERE relkind IN ('r', 'p') AND NOT relispartition AND {_HERE}"
    return sorted(name for (name,) in connection.exec_driver_sql(query))


def _words(sql: str) -> str:
    return " ".join(sql.replace('"', "").replace("(", " ( ").replace(")", " ) ").replace(",", " , ").split())


def _value(value: object) -> object:
    """One kind of bytes and of truth, whichever database it comes from."""
    if isinstance(value, memoryview):
        return bytes(value)
    return int(value) if isinstance(value, bool) else value
