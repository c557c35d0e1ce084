"""Files of parts, references, fitment and prices: read, previewed, taken over whole or not at all, and written."""
