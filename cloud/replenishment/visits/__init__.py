"""Which shops to visit on which day, what to load, and what became of it."""
