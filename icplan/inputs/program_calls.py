"""Resources of AWS's own types that run what calls SageMaker: user data, tasks, steps, schedules."""

from __future__ import annotations

import base64
import binascii
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.inputs.parts import texts_of
from icplan.inputs.program_assets import code_beside
from icplan.inputs.programs import references

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.inputs.template import Template

_CALL: Final = re.compile(
    r"(?<!sagemaker:)(?:create|update|delete)[-_]?inference[-_]?component"
    r"|aws-sdk:sagemaker:(?:create|update|delete)(?:inferencecomponent|endpoint)"
    r"|sagemaker[^a-z:]{1,8}(?:create|update|delete)[-_]?endpoint",
    re.IGNORECASE,
)
"""A call that changes what an endpoint runs, as the API, the CLI, the SDKs and state machines spell it.

What a policy allows, as in ``sagemaker:UpdateInferenceComponent``, is none.
"""
_ENCODED: Final = re.compile(r"[A-Za-z0-9+/\s]{24,}={0,2}\s*")
_MOST_ENCODED: Final = 1 << 20
_NO_CODE: Final = frozenset({"EventPattern", "AlarmDescription", "Description", "Tags"})
"""Members that speak of calls, and make none."""
_CALLED: Final = frozenset(
    {
        "AWS::Batch::JobDefinition",
        "AWS::CodeBuild::Project",
        "AWS::ECS::TaskDefinition",
        "AWS::Glue::Job",
        "AWS::ImageBuilder::Component",
        "AWS::Lambda::Function",
        "AWS::SSM::Document",
        "AWS::Serverless::Function",
        "AWS::Serverless::StateMachine",
        "AWS::StepFunctions::StateMachine",
    }
)
"""Types that run nothing until something calls them."""
_OF_THEMSELVES: Final = ("Events", "Triggers")
"""Members by which one of these is called, as it says itself."""
_CALLS_NONE: Final = re.compile(
    r"AWS::(?:IAM|Logs|CloudWatch|KMS)::.*|AWS::Lambda::(?:Permission|Version|Alias|Url|EventInvokeConfig)"
)
"""Types that refer to what is called, and do not call it."""


def runs_calls(kind: str, entry: Mapping[str, Any]) -> bool:
    """Whether a resource, of a type that nothing needs to call, runs what calls SageMaker."""
    return kind not in _CALLED and makes_calls(_code(entry))


def makes_calls(value: Any) -> bool:
    """Whether texts of a value, also encoded or put together, are of calls that change an endpoint."""
    texts = list(texts_of(value))
    return _CALL.search("".join(texts)) is not None or any(_CALL.search(_decoded(one)) for one in texts)


@attrs.frozen
class ProgramCalls:
    """Which resources of a template run what calls SageMaker, without anybody's doing."""

    template: Template
    _known: dict[str, bool] = attrs.field(factory=dict, init=False, repr=False, eq=False)

    def made_by(self, name: str) -> bool:
        """Whether a resource is one of these."""
        entry = self._resources.get(name)
        if not isinstance(entry, dict) or not self._has_calls(name):
            return False
        properties = entry.get("Properties")
        own = isinstance(properties, dict) and any(one in properties for one in _OF_THEMSELVES)
        return entry.get("Type") not in _CALLED or own or name in self._called

    def serves(self, token: Any) -> bool:
        """Whether the program that a ``ServiceToken`` refers to makes such calls."""
        return any(self._has_calls(one) for one in references(token))

    def _has_calls(self, name: str) -> bool:
        """Whether the code of a resource, in the template or beside it, makes such calls."""
        if name not in self._known:
            entry = self.template.entry("Resources", name)
            beside = code_beside(self.template, entry)
            self._known[name] = makes_calls(_code(entry)) or any(map(_CALL.search, beside))
        return self._known[name]

    @property
    def _resources(self) -> Mapping[str, Any]:
        return self.template.section("Resources")

    @cached_property
    def _called(self) -> frozenset[str]:
        """The resources that another one may call, which refers to them."""
        return frozenset(
            one
            for entry in self._resources.values()
            if isinstance(entry, dict) and not _CALLS_NONE.fullmatch(str(entry.get("Type")))
            for one in references(entry.get("Properties"))
        )


def _code(entry: Mapping[str, Any]) -> list[Any]:
    """The members of a resource that may be a program."""
    properties = entry.get("Properties")
    kept = properties.items() if isinstance(properties, dict) else ()
    return [entry.get("Metadata"), *(value for name, value in kept if name not in _NO_CODE)]


def _decoded(text: str) -> str:
    """What a text is that is encoded as user data are; nothing where it is not."""
    if len(text) > _MOST_ENCODED or not _ENCODED.fullmatch(text):
        return ""
    try:
        return base64.b64decode(text, validate=False).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
