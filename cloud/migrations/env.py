"""Run by Alembic for every command: work on the open connection that `cloud.migrations` hands over."""

from alembic import context

from cloud.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
context.run_migrations()
