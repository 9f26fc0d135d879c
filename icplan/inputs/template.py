"""One CloudFormation template as it is written: its sections, and what its intrinsics are called."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from icplan.documents.yaml_text import Tagged
from icplan.inputs.resource import Where

if TYPE_CHECKING:
    from icplan.documents.paths import JsonPath, Step
    from icplan.inputs.source import Source

SAGEMAKER = "AWS::SageMaker::"
CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
"""How the types of resources begin that a program of the user's makes."""
_LONG_FORMS = {"!Ref": "Ref", "!Condition": "Condition"}


@attrs.frozen(eq=False)
class Template:
    """A template and the stack made of it; an assembly knows the stack's name and Region itself."""

    source: Source
    given_name: str | None = None
    given_region: str | None = None

    @property
    def number(self) -> int:
        """What tells the template from the others of a deployment."""
        return self.source.number

    @cached_property
    def is_whole(self) -> bool:
        """Whether every resource stands in the file: no transform, loop or module makes more of them."""
        resources = self.section("Resources")
        made = any(
            name.startswith("Fn::") or (isinstance(one, dict) and str(one.get("Type")).endswith("::MODULE"))
            for name, one in resources.items()
        )
        return "Transform" not in self.source.one and not made

    @property
    def stack_name(self) -> str | None:
        """The name of the stack, if it is known; of a nested one it is made up when it is deployed."""
        if self.source.parent is not None:
            return None
        return (self.source.stack.name if self.source.stack else None) or self.given_name

    @property
    def region(self) -> str | None:
        """The stack's Region, if it is known."""
        return (self.source.stack.region if self.source.stack else None) or self.given_region

    @property
    def account(self) -> str | None:
        """The account that the stack is made in, if it is known."""
        return self.source.stack.account if self.source.stack else None

    @property
    def where(self) -> Where:
        """Where the stack is made, as far as that is told."""
        stack = self.source.stack
        return Where(self.region, self.account, stack.settled_by if stack else None)

    def section(self, name: str) -> dict[str, Any]:
        """A section such as ``Parameters``; empty where there is none."""
        value = self.source.one.get(name)
        return value if isinstance(value, dict) else {}

    def entry(self, section: str, name: str) -> dict[str, Any]:
        """An entry of a section; empty where there is none."""
        value = self.section(section).get(name)
        return value if isinstance(value, dict) else {}


def intrinsic(node: Any) -> tuple[str, Any, Step] | None:
    """The function that a value is, with its long name, its argument, and the step to that."""
    if isinstance(node, Tagged):
        return _LONG_FORMS.get(node.name, f"Fn::{node.name[1:]}"), node.value, node.name
    if isinstance(node, dict) and len(node) == 1:
        ((name, argument),) = node.items()
        if name == "Ref" or name.startswith("Fn::"):
            return name, argument, name
    return None


def template_steps(*steps: Step) -> JsonPath:
    """The steps into a template's file."""
    return (0, *steps)
