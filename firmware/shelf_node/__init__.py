"""A shelf node: reads eight load-cell converters and answers a cabinet's controller over RS-485."""
