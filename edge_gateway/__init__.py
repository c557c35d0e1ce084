"""The gateway in the shop: it decides what was taken, books it, and passes it on."""
