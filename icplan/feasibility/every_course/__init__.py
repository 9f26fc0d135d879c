"""Small fleets: every arrangement, launch, arrival and departure that there may be, one after another."""
