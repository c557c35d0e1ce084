"""Exactly what ships on a controller, in MicroPython's manifest syntax."""

# ruff: noqa: F821 - module and package are names of the manifest syntax

module("main.py")
package(
    "cabinet",
    files=(
        "__init__.py",
        "access.py",
        "attendant.py",
        "board.py",
        "calibration.py",
        "clock.py",
        "commands.py",
        "controller.py",
        "door.py",
        "health.py",
        "inventory.py",
        "journal.py",
        "lights.py",
        "link.py",
        "live.py",
        "modbus.py",
        "mqtt.py",
        "nau7802.py",
        "plateaus.py",
        "pn532.py",
        "r200.py",
        "recording.py",
        "scanner.py",
        "session.py",
        "shelf_registers.py",
        "shelves.py",
        "tca9548a.py",
        "weighing.py",
        "wire.py",
    ),
)
