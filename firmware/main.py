"""Started by MicroPython after power-on."""

from cabinet.controller import run

run()
