"""What instead: one kind of remedy per file, each tried before it is proposed."""
