"""The Python doors: check, guard, diagnose, wait."""
