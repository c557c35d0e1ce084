"""Alembic migrations of the cloud's database, the same for SQLite and PostgreSQL."""
