"""Strategies and a local control plane, for icplan's tests and for yours."""
