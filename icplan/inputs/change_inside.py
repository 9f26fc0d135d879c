"""Whether a file that is no change holds one inside, or in a form that is not read.

A template in a request of CloudFormation's or in a file of the Serverless Framework, a step of a playbook
or of a state machine that calls SageMaker, the source of another tool, what is elsewhere or encrypted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from icplan.inputs.parts import parts_of
from icplan.inputs.template import SAGEMAKER

if TYPE_CHECKING:
    from collections.abc import Iterable

_STANDS_FOR: Final = ("version https://git-lfs.github.com/spec/", "$ANSIBLE_VAULT;")
"""How a pointer of Git LFS begins, and a file that Ansible has encrypted."""
_ENCRYPTED: Final = "sops"
"""The member that SOPS adds to what it encrypts."""
_OF_STACKS: Final = frozenset({"StackName", "StackSetName"})
_TEMPLATE: Final = frozenset({"TemplateBody", "TemplateURL", "UsePreviousTemplate"})
_ALONE: Final = frozenset({"desiredruntimeconfig", "productionvariants", "desiredweightsandcapacities"})
"""Members that only requests, and what is made into one, have; without signs and case."""
_BESIDE: Final = frozenset({"runtimeconfig", "specification", "copycount", "deploymentconfig"})
_CALLED: Final = re.compile(
    r"(?<!sagemaker:)(?:create|update|delete)[-_ ]?inference[-_ ]?component"
    r"|aws-sdk:sagemaker:(?:create|update|delete)(?:inferencecomponent|endpoint)"
    r"|sagemaker[ \"',-]{1,8}(?:create|update|delete)-endpoint"
    rf"|{SAGEMAKER}(?:InferenceComponent|Endpoint)"
    r"|inference_?component_?name[\"'\\]{0,4}\s{0,8}[:=]",
    re.IGNORECASE,
)
"""A call that changes something, a type of resource, or the member of a request, in a text."""
_MADE_OF: Final = re.compile(r"sagemaker[^a-z]{0,3}(?:inference_?component|endpoint)", re.IGNORECASE)
"""A type of resource of Terraform's or Pulumi's."""
_SCALED: Final = "inference-component/"


def stands_for_another(text: str) -> bool:
    """Whether a text is no file itself, but tells which, or is one that is encrypted."""
    return text.lstrip("\ufeff").startswith(_STANDS_FOR)


def of_sagemaker(text: str) -> bool:
    """Whether the source of another tool declares something of ours."""
    return _MADE_OF.search(text) is not None


def holds_change(documents: Iterable[Any]) -> bool:
    """Whether a document of something else holds a change, or what a change is made of."""
    return any(not _is_own(one) and (_is_hidden(one) or _holds(one)) for one in documents)


def _is_own(document: Any) -> bool:
    """Whether it is a file of icplan's, as a snapshot is: other tools' members are not written large."""
    names = list(document) if isinstance(document, dict) else []
    return bool(names) and str(names[0]).startswith("Icplan") and all(str(one)[:1].isupper() for one in names)


def _is_hidden(document: Any) -> bool:
    """Whether it is a request for a stack, or encrypted and of no kind that tells what it is."""
    if not isinstance(document, dict):
        return False
    asked = _OF_STACKS & document.keys() and _TEMPLATE & document.keys()
    encrypted = isinstance(document.get(_ENCRYPTED), dict) and "kind" not in document
    return bool(asked) or encrypted


def _holds(document: Any) -> bool:
    for part in parts_of(document):
        if isinstance(part, str):
            if _CALLED.search(part) and not part.startswith("sagemaker:"):
                return True
        elif isinstance(part, dict) and _is_request(part):
            return True
    return False


def _is_request(members: dict[Any, Any]) -> bool:
    """Whether a structure has members of a request, or says that it is a resource of ours."""
    names = {re.sub("[_-]", "", one).casefold(): one for one in members if isinstance(one, str)}
    if _ALONE & names.keys() or any(_MADE_OF.search(one) for one in names.values()):
        return True
    if "inferencecomponentname" in names and _BESIDE & names.keys():
        return True
    kind = members.get(names.get("type", ""))
    if isinstance(kind, str) and _MADE_OF.search(kind):
        return True
    return bool({"mincapacity", "maxcapacity"} & names.keys()) and any(
        isinstance(one, str) and one.startswith(_SCALED) for one in members.values()
    )
