"""Programs that a plan runs, and whose doings it does not tell: provisioners, invocations, actions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.inputs.programs import unseen_programs
from icplan.inputs.says_component import says_component, says_service
from icplan.inputs.terraform_address import Configuration, parse_address

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from icplan.inputs.source import Source

_RUN: Final = frozenset({"aws_lambda_invocation", "kubernetes_job", "kubernetes_job_v1", "shell_script"})
"""Types that run a program where they are made; any other may, by its provisioners."""
_READ: Final = frozenset({"external", "aws_lambda_invocation"})
"""Types of data that a program reads out, whenever a plan is made or carried out."""
_ASKED: Final = "http"
"""The type of data that a request reads out, which may ask for a change."""
_SERVICE: Final = ("aws_sagemaker_", "awscc_sagemaker_")
_INSTANCE: Final = re.compile(r"\[[^\]]*\]")


@attrs.frozen
class _Carried:
    """A resource of the configuration that a plan makes, changes or deletes; ``after`` is what it will be."""

    address: str
    resource: dict[str, Any]
    actions: frozenset[str]
    after: list[Any]

    @property
    def provisioners(self) -> Any:
        return self.resource.get("provisioners") if self.actions & {"create", "delete"} else None

    @property
    def runs(self) -> bool:
        """Whether a program is run for it."""
        kind = self.resource.get("type")
        return bool(self.provisioners) or _reads(self.resource) or (isinstance(kind, str) and kind in _RUN)

    def says_service(self) -> bool:
        return says_service([self.provisioners, self.resource.get("expressions"), self.after])


def program_notes(source: Source, noted: Container[str]) -> Iterator[str]:
    """What is to be said of the programs of a plan, but for resources that are ``noted`` already."""
    plan = source.one
    root = _member(_member(plan, "configuration"), "root_module")
    configuration = Configuration(root if isinstance(root, dict) else {})
    unseen: list[str] = []
    for one in _carried_out(plan, root):
        if says_component(one.provisioners):
            yield f"{source.file}: a provisioner of {one.address} may make components; not judged"
        elif one.address in noted or not one.runs:
            continue
        elif one.says_service() or _follows_service(configuration, one.address):
            yield f"{source.file}: the program of {one.address} may change what an endpoint runs; not judged"
        else:
            unseen.append(one.address)
    for action in _entries(plan.get("action_invocations")):
        if says_component(action):
            yield f"{source.file}: {action.get('address')} may make components; not judged"
        elif says_service(action):
            yield f"{source.file}: {action.get('address')} may change what an endpoint runs; not judged"
        else:
            unseen.append(str(action.get("address")))
    if unseen:
        yield unseen_programs(source.file, unseen)


def _follows_service(configuration: Configuration, address: str) -> bool:
    """Whether a resource refers to, or waits for, one of SageMaker's."""
    user = parse_address(address)
    if user is None:
        return False
    return any(one.type.startswith(_SERVICE) for one in configuration.waits_for(user))


def _carried_out(plan: Any, root: Any) -> Iterator[_Carried]:
    found: dict[str, _Carried] = {}
    for entry in _entries(plan.get("resource_changes")):
        told = _member(entry.get("change"), "actions")
        actions = {"create", "update", "delete"}.intersection(
            map(str, told if isinstance(told, list) else ())
        )
        if (actions and entry.get("mode") != "data") or _reads(entry):
            address = without_instances(str(entry.get("address")))
            before = found.get(address, _Carried(address, entry, frozenset(), []))
            after = [*before.after, _member(entry.get("change"), "after")]
            found[address] = attrs.evolve(before, actions=before.actions | actions, after=after)
    waiting: list[tuple[str, Any]] = [("", root)]
    while waiting:
        path, module = waiting.pop()
        for resource in _entries(_member(module, "resources")):
            address = f"{path}{resource.get('address')}"
            if (carried := found.pop(address, None)) is not None:
                yield attrs.evolve(carried, resource=resource)
            elif _reads(resource):
                yield _Carried(address, resource, frozenset(), [])
        calls = _member(module, "module_calls")
        for name, call in calls.items() if isinstance(calls, dict) else ():
            waiting.append((f"{path}module.{name}.", _member(call, "module")))
    yield from found.values()  # what the configuration lacks is carried out all the same


def _reads(resource: dict[str, Any]) -> bool:
    """Whether it is data that a program reads out: that may do anything else, too."""
    kind = resource.get("type")
    if resource.get("mode") not in ("data", "ephemeral") or not isinstance(kind, str):
        return False
    return kind in _READ or (kind == _ASKED and says_component(resource.get("expressions")))


def without_instances(address: str) -> str:
    """An address as the configuration has it: without the keys of instances."""
    return _INSTANCE.sub("", address)


def _entries(value: Any) -> Iterator[dict[str, Any]]:
    yield from (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
