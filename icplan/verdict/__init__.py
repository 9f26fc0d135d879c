"""The answer as data, with its proofs."""
