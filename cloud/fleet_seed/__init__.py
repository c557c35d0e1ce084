"""A plausible year of a whole fleet, to feel the cloud with: `partsbay cloud seed --shops 200`."""
