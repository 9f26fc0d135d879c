"""What a verdict was made from: the settings in force, and hashes of all that was judged."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from icplan.values import frozen


@frozen
class ConfigFile:
    """A file that settings came from, and the SHA-256 of its bytes in hexadecimal."""

    file: str
    sha256: str


@frozen
class SettingInForce:
    """A setting that is in force, and the file it stands in (``None``: the command line, or an argument).

    ``loosens``: it may turn an outcome that stops a pipeline into one that does not.
    """

    setting: str
    value: str
    file: str | None
    loosens: bool


@frozen
class ConfigInForce:
    """The settings a verdict was reached under."""

    files: tuple[ConfigFile, ...] = ()
    settings: tuple[SettingInForce, ...] = ()

    @property
    def sha256(self) -> str | None:
        """The hash of what was set and of the files; ``None`` where nothing was set and no file was read."""
        if not self.files and not self.settings:
            return None
        settings = [[one.setting, one.value] for one in self.settings]
        return canonical_sha256({"Files": [one.sha256 for one in self.files], "InForce": settings})


@frozen
class Judged:
    """The version of icplan, and hashes of all that it judged, each a SHA-256 of canonical JSON."""

    icplan: str
    changes: str
    snapshot: str | None
    catalog: str
    config: str | None


def canonical_sha256(value: Any) -> str:
    """SHA-256, in hexadecimal, of canonical JSON: members sorted, UTF-8, no blanks.

    What a Python caller passes that JSON cannot say is told apart as well, by how Python writes it.
    """
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=repr)
    except (TypeError, ValueError, RecursionError):  # names that are no texts, or a circle
        text = repr(value)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
