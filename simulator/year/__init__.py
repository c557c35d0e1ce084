"""A year of work at one cabinet, on CPython: what the ledger says week after week against what really lies there.

Not production. It runs the firmware's weighing code and the gateway's own program on a real database; people, pieces
and thefts are made here, and known nowhere else.
"""
