"""icplan as a policy-validation plugin of CDK: `cdk synth` fails where an inference component does not fit.

    app = cdk.App(policy_validation=[Icplan()])       # with @aws-cdk/core:validationReportJson for a report

Needs aws-cdk-lib 2.251 or later, and `icplan` on the PATH.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from typing import Any

import aws_cdk as cdk
import jsii

FAILS, CANNOT_JUDGE = 1, 2


@jsii.implements(cdk.IPolicyValidationPlugin)
class Icplan:
    """Judges all templates of an app together, as one deployment."""

    def __init__(self, *options: str) -> None:
        """Take further options of `icplan check`, such as ``--snapshot prod.json``."""
        self.name = "icplan"
        self._options = options

    def validate(self, context: Any) -> Any:
        """Tell CDK what was found."""
        paths = list(context.template_paths)
        command = ["icplan", "check", *paths, "--format", "json", *self._options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == CANNOT_JUDGE:
            found = [violation("icplan", done.stderr.strip(), paths[0], "unknown", [])]
        else:
            found = list(violations(json.loads(done.stdout), paths[0]))
        return cdk.PolicyValidationPluginReport(
            success=done.returncode not in (FAILS, CANNOT_JUDGE), violations=found
        )


def violations(told: dict[str, Any], first: str) -> Iterator[Any]:
    """A violation for each error and warning of a verdict, or of several."""
    for verdict in told.get("Verdicts", [told]):
        for change in verdict["Changes"]:
            for one in change["Findings"]:
                if one["Severity"] != "note":
                    template = one["File"] or change["File"] or first
                    where = [f"{template}:{one['Line']}"] if one["Line"] else []
                    yield violation(one["Rule"], one["Message"], template, change["Address"], where)


def violation(rule: str, message: str, template: str, logical_id: str, locations: Sequence[str]) -> Any:
    """One violation, as CDK wants it."""
    resource = cdk.PolicyViolatingResource(
        resource_logical_id=logical_id, template_path=template, locations=list(locations)
    )
    return cdk.PolicyViolation(rule_name=rule, description=message, violating_resources=[resource])
