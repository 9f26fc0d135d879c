"""Why not: what is short and by how much, what is not known, and where the room is."""
