"""The version of icplan."""

__version__ = "0.1.0"
