"""The one facade: calls and a snapshot in, a verdict out."""
