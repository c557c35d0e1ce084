"""What a dealer and a shop do: jobs, vehicle files, claims, transfers, counts, prices and statements."""
