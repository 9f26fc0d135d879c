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
        expressions = self._expressions(self.configuration.provider(address))
        region = own if isinstance(own, str) and own else self._text(_get(expressions, "region"))
        return Where(region, self._account(expressions))

    def _expressions(self, key: str) -> Any:
        """How a provider is configured; a module has one of its own, or what is passed to it."""
        found = self.configured.get(key, self.configured.get(key.rpartition(":")[2]))
        return _get(found, "expressions")

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


def _get(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
