"""Releases and rollouts, by what modelled gateways say of their cabinets; real ones are in tests/simulation."""
