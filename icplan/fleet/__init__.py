"""AWS's answers turned into a fleet: pools, instances, running copies, what is known of them."""
