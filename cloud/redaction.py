"""The one change that an old version of a shop's document may undergo: somebody's name and badges are forgotten.

A document is append-only and tells people's names; who left has a right to be forgotten. So the database itself lets a
version's body change in one way alone: a person's name becomes `FORGOTTEN` and the badges go. Everything else of the
version, each person's id and role, stands for ever (docs/decisions/0027).
"""

from typing import Final

import msgspec
from sqlalchemy import Connection

from edge_gateway.shop_document import Person, ShopDocument

FORGOTTEN: Final = "已离开 (left)"
_REFUSAL: Final = "document is append-only"

_SQLITE_ALLOWED: Final = f"""
NEW.shop_id = OLD.shop_id AND NEW.version = OLD.version AND NEW.dealer_id = OLD.dealer_id
AND NEW.stored_ms = OLD.stored_ms
AND json_remove(CAST(NEW.body AS TEXT), '$.people') = json_remove(CAST(OLD.body AS TEXT), '$.people')
AND json_array_length(CAST(NEW.body AS TEXT), '$.people') = json_array_length(CAST(OLD.body AS TEXT), '$.people')
AND NOT EXISTS (
  SELECT 1 FROM json_each(CAST(OLD.body AS TEXT), '$.people') AS was
  JOIN json_each(CAST(NEW.body AS TEXT), '$.people') AS now ON now.key = was.key
  WHERE now.value <> was.value
  AND now.value <> json_set(was.value, '$.name', '{FORGOTTEN}', '$.badges', json('[]'))
)"""  # noqa: S608 -- words of this module alone
_SQLITE: Final = (
    "DROP TRIGGER IF EXISTS document_refuses_update",
    f"CREATE TRIGGER document_refuses_update BEFORE UPDATE ON document WHEN NOT coalesce(({_SQLITE_ALLOWED}), 0) "
    f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
)

_POSTGRES_CHECK: Final = f"""
DECLARE
  was jsonb := convert_from(OLD.body, 'UTF8')::jsonb;
  now jsonb := convert_from(NEW.body, 'UTF8')::jsonb;
BEGIN
  IF (NEW.shop_id, NEW.version, NEW.dealer_id, NEW.stored_ms)
     IS DISTINCT FROM (OLD.shop_id, OLD.version, OLD.dealer_id, OLD.stored_ms)
     OR (was - 'people') IS DISTINCT FROM (now - 'people')
     OR EXISTS (
       SELECT 1 FROM jsonb_array_elements(was -> 'people') WITH ORDINALITY AS a(person, at)
       FULL JOIN jsonb_array_elements(now -> 'people') WITH ORDINALITY AS b(person, at) USING (at)
       WHERE a.person IS DISTINCT FROM b.person
       AND b.person IS DISTINCT FROM a.person || '{{"name": "{FORGOTTEN}", "badges": []}}'::jsonb
     )
  THEN RAISE EXCEPTION '{_REFUSAL}';
  END IF;
  RETURN NEW;
END"""  # noqa: S608 -- words of this module alone
_POSTGRES: Final = (
    f"CREATE OR REPLACE FUNCTION document_redacts() RETURNS trigger LANGUAGE plpgsql AS $redacts${_POSTGRES_CHECK}"
    "$redacts$",
    "DROP TRIGGER IF EXISTS document_refuses ON document",
    "DROP TRIGGER IF EXISTS document_redacts ON document",
    "CREATE TRIGGER document_refuses BEFORE DELETE OR TRUNCATE ON document "
    "FOR EACH STATEMENT EXECUTE FUNCTION document_refuses()",
    "CREATE TRIGGER document_redacts BEFORE UPDATE ON document FOR EACH ROW EXECUTE FUNCTION document_redacts()",
)


def guard_documents(connection: Connection) -> None:
    """See to it that the database lets names be forgotten and nothing else be changed; again it changes nothing."""
    if connection.dialect.name == "sqlite":
        if _sqlite_trigger(connection) != _SQLITE[1]:
            _run(connection, _SQLITE)
    elif _postgres_check(connection) != _POSTGRES_CHECK:
        _run(connection, _POSTGRES)


def forgotten(document: ShopDocument, people: frozenset[str]) -> ShopDocument:
    """A document that names these people no more."""
    return msgspec.structs.replace(document, people=[_forget(person, people) for person in document.people])


def _forget(person: Person, people: frozenset[str]) -> Person:
    return msgspec.structs.replace(person, name=FORGOTTEN, badges=[]) if person.id in people else person


def _run(connection: Connection, statements: tuple[str, ...]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def _sqlite_trigger(connection: Connection) -> str:
    found = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'document_refuses_update'")
    return str(found.scalar() or "")


def _postgres_check(connection: Connection) -> str:
    found = connection.exec_driver_sql(
        "SELECT p.prosrc FROM pg_proc AS p JOIN pg_trigger AS t ON t.tgfoid = p.oid "
        "WHERE t.tgname = 'document_redacts' AND t.tgrelid = to_regclass('document')"
    )
    return str(found.scalar() or "")
