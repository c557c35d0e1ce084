"""Tests of the count bench: what it draws, how it scores, and a quick form of the published table."""
