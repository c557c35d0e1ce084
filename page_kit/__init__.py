"""What every Partsbay page shares: the look, the two languages, ages and quantities as people read them."""
