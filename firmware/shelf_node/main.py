"""Started by MicroPython after power-on of a shelf node."""

from shelf_node.node import run

run()
