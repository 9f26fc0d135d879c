"""Does it fit: every step of a change, on every arrangement and every allocatable amount there may be."""
