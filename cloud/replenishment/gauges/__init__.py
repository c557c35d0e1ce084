"""全 准 快 省, classes and grades: how well a dealer serves."""
