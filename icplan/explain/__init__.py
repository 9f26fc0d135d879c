"""What is short, by how much, where the room is, and what would work instead."""

from icplan.explain.advice import advice
from icplan.explain.findings import explain
from icplan.remedies.search import RemedySearch

__all__ = ["RemedySearch", "advice", "explain"]
