"""Instance types and what of them can be allocated: data with a source per fact."""
