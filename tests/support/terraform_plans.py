"""Plans of Terraform's as the files that icplan writes would give them."""

from __future__ import annotations

from typing import Any

from icplan.report.plan_terraform import CONFIGURATION, ENDPOINT
from support.hcl_reader import Expression, read_hcl


def after(value: Any, names: dict[str, str]) -> Any:
    """What stands in a plan of Terraform's for what stands in a file."""
    if isinstance(value, Expression):
        return names.get(value, value)
    if isinstance(value, dict):
        return {name: after(one, names) for name, one in value.items()}
    return [after(one, names) for one in value] if isinstance(value, list) else value


def terraform_plan(text: str, endpoint: str) -> dict[str, Any]:
    """A plan that creates all resources of a file for that endpoint, as Terraform would show it."""
    names = {
        f"{ENDPOINT}.fleet.name": endpoint,
        f"{CONFIGURATION}.fleet.name": "made-up",
        "var.execution_role_arn": "arn:aws:iam::123456789012:role/serve",
    }
    changes = []
    for kind, labels, members in read_hcl(text):
        if kind != "resource":
            continue
        told = {name: one for name, one in members.items() if name not in ("depends_on", "lifecycle")}
        told |= {"name": "made-up"} if labels[0] == CONFIGURATION else {}
        change = {"actions": ["create"], "before": None, "after": after(told, names), "after_unknown": {}}
        changes.append(
            {
                "address": ".".join(labels),
                "mode": "managed",
                "type": labels[0],
                "name": labels[1],
                "change": change,
            }
        )
    return {"format_version": "1.2", "resource_changes": changes, "configuration": {"root_module": {}}}
