"""Where a plan's resources are: by their own member, else as the provider is configured that makes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.inputs.resource import Where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.inputs.terraform_address import Address, Configuration

_ACCOUNT: Final = re.compile(r"arn:[a-z-]{1,20}:iam::(?P<account>[0-9]{12}):")
_ROLE: Final = ("assume_role", "assume_role_with_web_identity")
_CREDENTIALS: Final = (
    *_ROLE,
    "access_key",
    "profile",
    "secret_key",
    "shared_config_files",
    "shared_credentials_files",
    "token",
)
"""What gives a provider credentials of its own, which may be another account's."""


@attrs.frozen
class Providers:
    """The ``provider_config`` of a plan, and the values of its variables."""

    configuration: Configuration
    configured: Mapping[str, Any]
    variables: Mapping[str, Any]

    @classmethod
    def of(cls, plan: Mapping[str, Any], configuration: Configuration) -> Providers:
        """Those of a plan."""
        told = _get(plan.get("configuration"), "provider_config")
        variables = plan.get("variables")
        return cls(
            configuration,
            told if isinstance(told, dict) else {},
            variables if isinstance(variables, dict) else {},
        )

    def where(self, address: Address, after: Any) -> Where:
        """The account and Region of a resource, as far as they are told."""
        own = _get(after, "region")
        provider = self._provider(self.configuration.provider(address))
        expressions = _get(provider, "expressions")
        region = own if isinstance(own, str) and own else self._text(_get(expressions, "region"))
        account = self._account(expressions)
        alias = _get(provider, "alias")
        if not isinstance(alias, str) or (region and not _has_credentials(expressions, account)):
            return Where(region, account)
        module = _get(provider, "module_address")
        of = f" of {module}" if isinstance(module, str) and module else ""
        return Where(region, account, f"the provider {alias}{of}")

    def _provider(self, key: str) -> Any:
        """How a provider is configured; a module has one of its own, or what is passed to it."""
        return self.configured.get(key, self.configured.get(key.rpartition(":")[2]))

    def _account(self, expressions: Any) -> str | None:
        for name in _ROLE:
            block = _get(expressions, name)
            first = block[0] if isinstance(block, list) and block else block
            match = _ACCOUNT.match(self._text(_get(first, "role_arn")) or "")
            if match:
                return match["account"]
        only = _get(_get(expressions, "allowed_account_ids"), "constant_value")
        return only[0] if isinstance(only, list) and len(only) == 1 and isinstance(only[0], str) else None

    def _text(self, expression: Any) -> str | None:
        """The text that an expression is: a constant, or a variable of the root module."""
        told = _get(expression, "constant_value")
        references = _get(expression, "references")
        if told is None and isinstance(references, list) and len(references) == 1:
            name = str(references[0]).removeprefix("var.")
            told = _get(self.variables.get(name), "value")
        return told if isinstance(told, str) else None


def _has_credentials(expressions: Any, account: str | None) -> bool:
    """Whether what a provider reaches may be another account than that of the others, or no AWS at all."""
    own = account is None and any(_get(expressions, name) is not None for name in _CREDENTIALS)
    return own or _get(expressions, "endpoints") is not None


def _get(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
