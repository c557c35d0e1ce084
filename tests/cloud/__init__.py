"""The cloud's tests: each rule on SQLite and on PostgreSQL."""
