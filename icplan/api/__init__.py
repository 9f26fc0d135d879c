"""The Python doors."""
