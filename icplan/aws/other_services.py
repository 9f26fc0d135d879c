"""Clients of other services beside one of SageMaker: the same credentials, Region and kind of endpoint."""

from __future__ import annotations

from typing import Any

import attrs

from icplan.aws.identity import asks_aws


@attrs.frozen
class SiblingSession:
    """Makes clients as the SageMaker client was made, for code that takes a boto3 session.

    What stands in for AWS at an endpoint of its own is asked there for the other services, too.
    """

    beside: Any

    @property
    def region_name(self) -> str:
        """The Region of the SageMaker client."""
        return str(self.beside.meta.region_name)

    def client(self, service: str, *, region_name: str | None = None, config: Any = None) -> Any:
        """A client of the service."""
        if service == "sagemaker":
            return self.beside
        import botocore.session  # noqa: PLC0415  (only where other services are asked)

        session = botocore.session.Session()
        # botocore has no public way to the credentials of a client; they are those of this moment.
        found = self.beside._request_signer._credentials  # noqa: SLF001
        if found is not None:
            now = found.get_frozen_credentials()
            session.set_credentials(now.access_key, now.secret_key, now.token)
        url = None if asks_aws(self.beside) else self.beside.meta.endpoint_url
        return session.create_client(
            service, region_name=region_name or self.region_name, endpoint_url=url, config=config
        )
