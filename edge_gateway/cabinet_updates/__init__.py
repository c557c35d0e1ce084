"""New firmware for the cabinets of a shop: fetched from the cloud, handed on piece by piece, its end told."""
