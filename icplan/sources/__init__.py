"""Outside formats in, one small file each."""
