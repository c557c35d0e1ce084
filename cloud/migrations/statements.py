"""Statements of a revision, kept as SQL beside it: what was made then stays what it was."""

from importlib.resources import files

from alembic import op

_END = ";\n"


def execute_file(name: str) -> None:
    """Run `versions/<name>`: statements that end with a semicolon at the end of a line."""
    connection = op.get_bind()
    text = files("cloud.migrations.versions").joinpath(name).read_text("utf-8")
    for statement in text.split(_END):
        if statement.strip():
            connection.exec_driver_sql(statement)


def execute_own_file(name: str) -> None:
    """Run `versions/<name>.<database>.sql`."""
    execute_file(f"{name}.{op.get_bind().dialect.name}.sql")
