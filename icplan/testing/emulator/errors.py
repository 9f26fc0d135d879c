"""AWS's errors, as the emulator answers with them."""

from __future__ import annotations

from typing import Final

_STATUS: Final = {
    "InternalFailure": 500,
    "InternalServerError": 500,
    "ServiceUnavailable": 503,
    "ServiceUnavailableException": 503,
    "InternalServiceException": 500,
}
_CLIENT_ERROR: Final = 400


class ServiceError(Exception):
    """What the service answers instead of a result: AWS's error code, its text, and the HTTP status."""

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        self.code = code
        self.message = message
        self.status = _STATUS.get(code, _CLIENT_ERROR) if status is None else status
        super().__init__(f"{code}: {message}")
