"""Files in and out: bytes, JSON, YAML, positions, paths, schemas, secrets."""
