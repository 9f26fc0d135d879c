"""What to run: the room that is left, the cheapest fleet, what an hour of it costs."""
