"""A tester's plan against a real or a virtual controller, and raw traces of sensors."""
