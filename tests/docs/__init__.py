"""What the documents say is checked against what the code does."""
