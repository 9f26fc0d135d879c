"""What verifies placements and proofs, in exact integers; shares no code with the solver."""
