"""Exactly what ships on a shelf node, in MicroPython's manifest syntax; the drivers are the cabinet's own."""

# ruff: noqa: F821 - module and package are names of the manifest syntax

module("main.py")
package("shelf_node", files=("__init__.py", "node.py", "server.py", "shelf.py"), base_path="..")
package(
    "cabinet",
    files=("__init__.py", "modbus.py", "nau7802.py", "shelf_registers.py", "tca9548a.py"),
    base_path="..",
)
