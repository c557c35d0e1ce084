"""Tests of the firmware: its parts on the host, and whole under the real interpreter."""
