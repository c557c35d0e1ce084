"""Virtual chips at the level of bytes and levels, as their datasheets describe them."""
