"""Calls and counts in words."""

from __future__ import annotations

#: What a call does to its component.
VERB = {
    "UpdateInferenceComponent": "update",
    "CreateInferenceComponent": "create",
    "UpdateInferenceComponentRuntimeConfig": "scale",
    "DeleteInferenceComponent": "delete",
}


def singular(unit: str) -> str:
    """The unit of one: ``copy`` of ``copies``, ``accelerator per copy`` of ``accelerators per copy``."""
    noun, per, rest = unit.partition(" per ")
    noun = f"{noun[:-3]}y" if noun.endswith("ies") else noun.removesuffix("s")
    return noun + per + rest


def counted(number: int, noun: str) -> str:
    """``1 instance``, ``3 instances``, ``2 copies``."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"
