"""The right parts on the next round: demand, forecast, policy, visits (README.md)."""
