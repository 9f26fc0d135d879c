"""What a change leaves: the instances that may run after it, and where copies are likely to be."""
