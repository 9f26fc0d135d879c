"""A page per rule and an index of them, rendered from the rules."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from icplan.rules.base import FAMILIES
from icplan.rules.registry import RULES

if TYPE_CHECKING:
    from icplan.rules.base import Rule

_SEVERITY = {
    "error": "error: the change fails",
    "warning": "warning: it may fail, or do something else than meant",
    "note": "note",
}
_BASIS = {
    "documented": "documented by AWS",
    "measured": "measured: somebody ran it against AWS and published the answer",
    "inferred": "inferred",
}
_WIDTH = 100

_API_PAGES = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_"
_HELP = {
    "1": "InferenceComponentSpecification",
    "2": "DescribeInferenceComponent",
    "3": "InferenceComponentComputeResourceRequirements",
    "4": "InferenceComponentRollingUpdatePolicy",
    "5": "ProductionVariantManagedInstanceScaling",
    "6": "UpdateInferenceComponent",
}


def help_uri(rule: Rule) -> str:
    """AWS's page of what a rule is about: the rule's own page has no address of its own yet."""
    return f"{_API_PAGES}{_HELP[rule.id[len('ICP')]]}.html"


def page(rule: Rule) -> str:
    """The page of a rule, as Markdown."""
    parts = [
        f"# {rule.id}: {rule.title}",
        f"- Family: {rule.family}\n- Severity: {_SEVERITY[rule.severity]}\n- Basis: {_BASIS[rule.basis]}",
    ]
    if rule.aws_error:
        parts += ["## What AWS answers", f"```text\n{rule.aws_error}\n```"]
    parts += [
        "## Why",
        _wrapped(rule.why),
        "## What to do",
        _wrapped(rule.fix),
        "## Source",
        _wrapped(rule.source),
    ]
    return "\n\n".join(parts) + "\n"


def index() -> str:
    """The list of all pages, as Markdown."""
    lines = ["# Rules", "", "Ids are never renumbered. `icplan explain ICP301` prints a page."]
    for digit, family in FAMILIES.items():
        lines += ["", f"## ICP{digit}xx: {family}", "", "| rule | severity | basis |", "|---|---|---|"]
        lines += [
            f"| [{rule.id}]({rule.id}.md) {rule.title} | {rule.severity} | {rule.basis} |"
            for rule in RULES.values()
            if rule.id.startswith(f"ICP{digit}")
        ]
    return "\n".join(lines) + "\n"


def listing() -> str:
    """All rules for a terminal, a line each, by family."""
    lines = []
    for digit, family in FAMILIES.items():
        lines += ["", f"ICP{digit}xx: {family}"]
        lines += [
            f"  {rule.id}  {rule.severity:<7}  {rule.title}"
            for rule in RULES.values()
            if rule.id.startswith(f"ICP{digit}")
        ]
    return "\n".join(lines[1:]) + "\n"


def files() -> dict[str, str]:
    """Every file of docs/rules: its name and its text."""
    return {"README.md": index()} | {f"{rule.id}.md": page(rule) for rule in RULES.values()}


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
