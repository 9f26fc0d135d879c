"""What instead?."""
