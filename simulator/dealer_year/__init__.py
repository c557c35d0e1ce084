"""A year of one dealer: what is asked for is known, two ways to keep the shops stocked are played against it."""
