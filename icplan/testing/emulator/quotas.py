"""The account's quotas on endpoint instances, and what of them is in use."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from icplan.catalog.catalog import builtin_types
from icplan.testing.emulator.other_service_texts import NO_QUOTA
from icplan.testing.emulator.pages import numbered
from icplan.testing.emulator.sagemaker_texts import QUOTA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.testing.emulator.errors import ServiceError
    from icplan.testing.emulator.region import Region

ALL_INSTANCES: Final = "Number of instances across active endpoints"
PER_ENDPOINT: Final = "Number of instances per endpoint"
"""AWS's words for it are not known, its code is."""
_CODES: Final = {ALL_INSTANCES: "L-7A3DF611", PER_ENDPOINT: "L-ED8DEE9B"}
PER_TYPE: Final = " for endpoint usage"
"""What the name of a quota on one type has after the type."""
_PAGE: Final = 100
_SERVICE: Final = "sagemaker"


class Quotas:
    """Limits by quota name: ``applied`` ones, else ``defaults``; what is in neither is not limited.

    A type may be given by its own name (``{"ml.g5.xlarge": 3}``), the two on all types by their codes.
    """

    def __init__(self, region: Region, applied: Mapping[str, int] | None = None) -> None:
        self._region = region
        self.applied: dict[str, int] = {}
        self.defaults: dict[str, int] = {}
        self.elsewhere: Counter[str] = Counter()
        for name, value in (applied or {}).items():
            self.set(name, value)

    def set(self, name: str, value: int, *, default: bool = False) -> None:
        """Change a quota, or what it is by default."""
        (self.defaults if default else self.applied)[quota_name(name)] = value
        self._region.changed()

    def limit(self, name: str) -> int | None:
        """What is in force."""
        return self.applied.get(name, self.defaults.get(name))

    def usage(self) -> Counter[str]:
        """Instances per type over all endpoints: those that run, come and go."""
        used = Counter(self.elsewhere)
        for endpoint in self._region.endpoints.values():
            for fleet in endpoint.fleets():
                used.update(fleet.count_by_type())
        return used

    def refusal(self, more: Mapping[str, int], *, beside: int) -> ServiceError | None:
        """The error that so many more instances per type are answered with, if any quota is in the way.

        They are of one endpoint, which has so many ``beside`` them.
        """
        if not self.applied and not self.defaults:
            return None
        used = self.usage()
        wanted = [(quota_name(kind), used[kind], delta) for kind, delta in more.items()]
        wanted.append((ALL_INSTANCES, used.total(), sum(more.values())))
        wanted.append((PER_ENDPOINT, beside, sum(more.values())))
        for name, now, delta in wanted:
            limit = self.limit(name)
            if limit is not None and delta > 0 and now + delta > limit:
                return QUOTA.error(name=name, limit=limit, used=now, delta=delta)
        return None

    def list_service_quotas(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The applied quotas: one that was never changed is not among them."""
        return self._list(self.applied, params)

    def list_aws_default_service_quotas(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """What the quotas are by default."""
        return self._list(self.defaults, params)

    def get_service_quota(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """One quota: as applied, else its default."""
        return self._get({**self.defaults, **self.applied}, params)

    def get_aws_default_service_quota(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """What one quota is by default."""
        return self._get(self.defaults, params)

    def _list(self, quotas: Mapping[str, int], params: Mapping[str, Any]) -> dict[str, Any]:
        wanted = params.get("QuotaCode")
        shown = [self._shown(name, value) for name, value in sorted(quotas.items())]
        if params["ServiceCode"] != _SERVICE:
            shown = []
        found = [one for one in shown if wanted in (None, one["QuotaCode"])]
        return numbered("Quotas", found, params, _PAGE)

    def _get(self, quotas: Mapping[str, int], params: Mapping[str, Any]) -> dict[str, Any]:
        for name, value in quotas.items():
            if params["ServiceCode"] == _SERVICE and quota_code(name) == params["QuotaCode"]:
                return {"Quota": self._shown(name, value)}
        raise NO_QUOTA.error()

    def _shown(self, name: str, value: int) -> dict[str, Any]:
        code = quota_code(name)
        arn = f"arn:aws:servicequotas:{self._region.name}:{self._region.account}:{_SERVICE}/{code}"
        return {
            "ServiceCode": _SERVICE,
            "ServiceName": "Amazon SageMaker",
            "QuotaArn": arn,
            "QuotaCode": code,
            "QuotaName": name,
            "Value": float(value),
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }


def is_quota_on_all(name: str) -> bool:
    """Whether it is the name, or the code, of a quota on the instances of all types."""
    return name in _CODES or name in _CODES.values()


def quota_name(name: str) -> str:
    """A quota's name, from that of an instance type, or from the code of one of those on all types."""
    for full, code in _CODES.items():
        if name == code:
            return full
    return f"{name}{PER_TYPE}" if name.startswith("ml.") and not name.endswith(PER_TYPE) else name


def quota_code(name: str) -> str:
    """The code of a quota; a made-up one, always the same, where AWS's is not known."""
    if name in _CODES:
        return _CODES[name]
    kind = builtin_types().get(name.removesuffix(PER_TYPE))
    if kind is not None and kind.quota_code:
        return kind.quota_code
    number = sum(ord(letter) * 31**place for place, letter in enumerate(name)) % 16**8
    return f"L-{number:08X}"
