"""A fleet to feel the cloud with: dealers, shops, cabinets and a plausible year of work, drawn from a seed.

`command.py` is what `partsbay cloud seed --shops N` runs. Nothing here is used by a running cloud.
"""
