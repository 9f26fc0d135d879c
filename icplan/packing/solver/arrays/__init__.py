"""Very many kinds of items at once, as arrays."""
