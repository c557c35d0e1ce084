"""The dealer's cloud service: it gathers, plans and serves people."""
