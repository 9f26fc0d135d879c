"""The snapshot document, and the fleet in it."""
