"""Which file is kustomize's: it makes other objects of the manifests beside it."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

_NAMES: Final = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})


def is_kustomization(file: str) -> bool:
    """Whether a file is kustomize's, which knows it by its name alone; it need not tell its kind."""
    return PurePath(file).name in _NAMES
