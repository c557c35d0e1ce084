"""What will be asked for, as a distribution. Pure: arrays in, arrays out."""
