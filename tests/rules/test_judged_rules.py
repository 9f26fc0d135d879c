"""Rules of capacity, of updates, of limits and of advice: each found where it is broken, and only there."""

from __future__ import annotations

import copy

import pytest
from judged_cases import JUDGED, Question

import icplan
from icplan.rules import RULES


def found(question: Question) -> list[icplan.Finding]:
    snapshot = icplan.Snapshot.from_dict(copy.deepcopy(question.taken))
    verdict = icplan.check(copy.deepcopy(list(question.changes)), snapshot, **question.options)
    return list(verdict.findings)


@pytest.mark.parametrize("rule", JUDGED)
def test_a_broken_rule_is_found(rule: str) -> None:
    """It is named with a message, and with the severity its page tells."""
    hits = [one for one in found(JUDGED[rule][0]) if one.rule == rule]
    assert hits
    for one in hits:
        assert one.message
        assert one.severity is RULES[rule].severity


@pytest.mark.parametrize("rule", JUDGED)
def test_a_near_miss_is_not(rule: str) -> None:
    """One step away from what breaks it, the rule is silent."""
    assert rule not in {one.rule for one in found(JUDGED[rule][1])}


def test_every_rule_of_the_judge_has_both_cases() -> None:
    """A new rule needs an example that breaks it, and one that nearly does, in judged_cases."""
    assert JUDGED.keys() == {rule for rule in RULES if rule >= "ICP3"}
