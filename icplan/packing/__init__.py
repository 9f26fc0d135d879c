"""The pure integer packing problem, what solves it, and the checker that shares no code with the solver."""
