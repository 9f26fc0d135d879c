"""Packings by patterns: columns priced, generated, rounded, and the proofs their duals give."""
