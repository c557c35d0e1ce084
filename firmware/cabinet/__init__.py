"""The firmware of one cabinet's controller; `wire` alone is also imported by the gateway."""
