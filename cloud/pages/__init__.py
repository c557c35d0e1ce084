"""The dealer's pages: shops, cabinets, consumption, what to bring, open discrepancies."""

from cloud.pages.site import mount

__all__ = ["mount"]
