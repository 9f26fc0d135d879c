"""What several tests and benchmarks share: builders, oracles, and the comparison of two versions."""
