"""From a distribution to a policy: reorder point and order-up-to level. Pure."""
