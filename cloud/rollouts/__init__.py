"""Releases of the controllers' firmware, and their rollout over a dealer's cabinets stage by stage."""
