"""From a blank board to a calibrated, enrolled cabinet, over a serial line."""
