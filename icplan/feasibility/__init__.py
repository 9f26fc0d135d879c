"""Does it fit?."""
