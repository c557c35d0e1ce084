"""What was taken: a probability for every explanation of a session's weights and tags, never a rounded division.

Pure: functions of values, no I/O, no clock. `evidence.py` says what goes in and what comes out.
"""
