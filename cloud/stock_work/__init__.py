"""What a dealer does about stock from afar: answers discrepancies, has bins counted, moves stock between bins."""
