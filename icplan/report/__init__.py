"""A verdict out, one small file per format."""
