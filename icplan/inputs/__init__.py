"""What a change may be written as: one file per format, plain AWS JSON out of each."""
