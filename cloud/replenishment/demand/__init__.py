"""What was asked for, from the ledger: net, censored where a bin was empty."""
