"""The Python doors: `icplan.check` and `icplan.guard`."""
