"""The cloud's HTTP interface: one file for each kind of caller, and what they share in `access.py`."""
