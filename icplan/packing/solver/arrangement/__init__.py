"""The worst and the best arrangement of what runs: how many slots it leaves for new copies."""
