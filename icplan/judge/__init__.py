"""Calls and a snapshot in, a verdict out: the one facade that every door goes through."""
