"""A gateway's own life: first run, backup and restore, an update with a way back, its service."""
