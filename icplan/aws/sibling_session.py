"""Clients of other services beside one that is given: the same credentials, Region and kind of endpoint."""

from __future__ import annotations

import threading
from typing import Any

import attrs

from icplan.aws.identity import asks_aws


def credentials_of(client: Any) -> Any:
    """The credentials that a client signs with, ``None`` if it does not."""
    return client._request_signer._credentials  # noqa: SLF001  (botocore has no public way to them)


@attrs.define
class SiblingSession:
    """Makes clients as another client was made, for code that takes a boto3 session.

    What stands in for AWS at an endpoint of its own is asked there for the other services, too. A client is
    made once, and anew when the credentials are others.
    """

    beside: Any
    frozen: Any = attrs.field(default=None, repr=False)
    """Credentials of this moment, where the client's own cannot be asked without waiting."""
    _made: dict[tuple[str, str | None, Any], Any] = attrs.field(factory=dict, repr=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)

    @property
    def region_name(self) -> str:
        """The Region of that client."""
        return str(self.beside.meta.region_name)

    def client(self, service: str, *, region_name: str | None = None, config: Any = None) -> Any:
        """A client of the service."""
        now = self.frozen
        if now is None:
            if service == self.beside.meta.service_model.service_name:
                return self.beside
            found = credentials_of(self.beside)
            now = None if found is None else found.get_frozen_credentials()
        wanted = (service, region_name or self.region_name, now)
        with self._lock:
            if wanted not in self._made:
                others = {made: client for made, client in self._made.items() if made[:2] != wanted[:2]}
                self._made = {**others, wanted: self._new(service, wanted[1], now, config)}
            return self._made[wanted]

    def _new(self, service: str, region: str | None, credentials: Any, config: Any) -> Any:
        import botocore.session  # noqa: PLC0415  (only where other services are asked)

        session = botocore.session.Session()
        loader = getattr(self.beside, "_loader", None)
        if loader is not None:
            session.register_component("data_loader", loader)  # it has read most of what is needed
        if credentials is not None:
            session.set_credentials(credentials.access_key, credentials.secret_key, credentials.token)
        url = None if asks_aws(self.beside) else self.beside.meta.endpoint_url
        return session.create_client(service, region_name=region, endpoint_url=url, config=config)
