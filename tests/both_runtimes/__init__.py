"""Tests that run on CPython and on MicroPython alike."""
