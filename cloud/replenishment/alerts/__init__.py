"""What somebody must know, once each."""
