"""What of a plan may make components and is not read: other tools' resources, and what is put off."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from icplan.errors import InputError
from icplan.inputs.parts import all_text
from icplan.inputs.program_calls import makes_calls
from icplan.inputs.resource_types import TEMPLATES
from icplan.inputs.says_component import says_component
from icplan.inputs.source import parse_source
from icplan.inputs.terraform_programs import program_notes, without_instances

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from icplan.inputs.source import Source

_TELLING: Final = frozenset(
    {
        "aws_cloudcontrolapi_resource",
        "aws_cloudformation_stack",
        "awscc_cloudformation_stack",
        "kubernetes_manifest",
        "kubectl_manifest",
        "kubernetes_config_map",
        "kubernetes_job",
        "kubernetes_job_v1",
        "aws_lambda_invocation",
        "aws_scheduler_schedule",
        "aws_ssm_association",
        "restapi_object",
        "shell_script",
        "null_resource",
        "terraform_data",
    }
)
"""Types whose members say what they make, where all of them are known."""
_SILENT: Final = frozenset(
    {
        "aws_cloudformation_stack_set",
        "aws_cloudformation_stack_instances",
        "aws_cloudformation_stack_set_instance",
        "awscc_cloudformation_stack_set",
        "aws_serverlessapplicationrepository_cloudformation_stack",
        "aws_servicecatalog_provisioned_product",
        "awscc_sagemaker_inference_experiment",
        "helm_release",
        "argocd_application",
        "argocd_application_set",
    }
)
"""Types that make what stands elsewhere."""
_NO_CODE: Final = frozenset({"event_pattern", "alarm_description", "description", "tags", "tags_all"})
"""Members that speak of calls, and make none."""
MAKERS: Final = _TELLING | _SILENT
_MAKES_ELSEWHERE: Final = re.compile(
    "|".join(map(re.escape, (*TEMPLATES, "Fn::Transform", "!Transform", "Fn::ForEach", "::MODULE")))
    + r"|\bTransform\b"
)
"""What in a template makes resources that do not stand in it."""
_ELSEWHERE: Final = ("template_url", "template_body", "yaml_body", "manifest", "desired_state")


def unread_makers(source: Source, judged: Container[str]) -> Iterator[str]:
    """A note on each resource of a plan that may make a component and is not judged."""
    plan, noted = source.one, set[str]()
    for entry in _entries(plan.get("resource_changes")):
        if _may_make(entry):
            noted.add(without_instances(str(entry.get("address"))))
            yield f"{source.file}: {entry.get('address')} may make components; not judged"
    yield from program_notes(source, noted)
    for deferred in _entries(plan.get("deferred_changes")):
        change = deferred.get("resource_change")
        kind = str(change.get("type")) if isinstance(change, dict) else ""
        if isinstance(change, dict) and (kind in judged or kind in _TELLING or kind in _SILENT):
            yield f"{source.file}: {change.get('address')} is put off to a later plan; not judged"


def _entries(value: Any) -> Iterator[dict[str, Any]]:
    yield from (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def _may_make(entry: dict[str, Any]) -> bool:
    change = entry.get("change")
    kind = str(entry.get("type"))
    if entry.get("mode") == "data" or not isinstance(change, dict) or not _writes(change.get("actions")):
        return False
    if kind in _SILENT:
        return True
    after, unknown = change.get("after"), change.get("after_unknown")
    if kind not in _TELLING:
        return kind.startswith(("aws_", "awscc_")) and makes_calls(_code(after))
    return says_component(after) or _elsewhere(after, unknown) or _body_may_make(after)


def _code(after: Any) -> list[Any]:
    """The members of a resource that may be a program."""
    members = after.items() if isinstance(after, dict) else ()
    return [value for name, value in members if name not in _NO_CODE]


def _writes(actions: Any) -> bool:
    return isinstance(actions, list) and ("create" in actions or "update" in actions)


def _body_may_make(after: Any) -> bool:
    """Whether what is written in a text makes a component, or what stands elsewhere, however spelled."""
    for name in _ELSEWHERE:
        body = after.get(name) if isinstance(after, dict) else None
        if isinstance(body, str) and body and name != "template_url":
            try:
                value = [*parse_source(body.encode(), name).documents]
            except (InputError, UnicodeError):
                return True
            if says_component(value) or _MAKES_ELSEWHERE.search(all_text(value)):
                return True
    return False


def _elsewhere(after: Any, unknown: Any) -> bool:
    """Whether what is made is known only after apply, or stands in another file."""
    open_ = isinstance(unknown, dict) and any(unknown.get(name) for name in _ELSEWHERE)
    body = after.get("template_body") if isinstance(after, dict) else None
    url = after.get("template_url") if isinstance(after, dict) else None
    return open_ or (isinstance(url, str) and not body)
