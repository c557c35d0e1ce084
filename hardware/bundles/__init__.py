"""Signed bundles of firmware: made, signed, checked."""
