"""The long runs (`make soak`). `__main__.py` lists them; nothing here is part of the product."""
