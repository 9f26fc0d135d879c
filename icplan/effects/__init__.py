"""What does a change leave?."""
