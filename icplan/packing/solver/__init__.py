"""What answers a packing problem, with a placement or a proof: bounds, search, columns, OR-Tools."""
