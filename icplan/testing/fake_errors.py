"""How `FakeSageMaker` refuses a request."""

from __future__ import annotations


class ServiceError(Exception):
    """What the service answers instead of a result: AWS's error code, its text, and the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        self.code = code
        self.message = message
        self.status = status
        super().__init__(f"{code}: {message}")
