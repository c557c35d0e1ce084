"""A cabinet without hardware: the real firmware on virtual sensors, and people at work."""
