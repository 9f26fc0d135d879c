"""Rules of capacity, of updates, of limits and of advice: each found where it is broken, and only there."""

from __future__ import annotations

import copy

import pytest
from support.against_cases import BROKEN
from support.judged_cases import ENDPOINTS, JUDGED, TEMPLATES, Question
from support.rule_cases import BREAKS, FIELDS

import icplan
from icplan.rules import RULES
from icplan.rules.fields import NEW_MEMBER

CASES = JUDGED | ENDPOINTS


def found(question: Question) -> list[icplan.Finding]:
    snapshot = icplan.Snapshot.from_dict(copy.deepcopy(question.taken))
    verdict = icplan.check(copy.deepcopy(list(question.changes)), snapshot, **question.options)
    return list(verdict.findings)


@pytest.mark.parametrize("rule", CASES)
def test_a_broken_rule_is_found(rule: str) -> None:
    """It is named with a message, and with the severity its page tells."""
    hits = [one for one in found(CASES[rule][0]) if one.rule == rule]
    assert hits
    for one in hits:
        assert one.message
        assert one.severity is RULES[rule].severity


@pytest.mark.parametrize("rule", CASES)
def test_a_near_miss_is_not(rule: str) -> None:
    """One step away from what breaks it, the rule is silent."""
    assert rule not in {one.rule for one in found(CASES[rule][1])}


def test_every_rule_has_its_cases() -> None:
    """A new rule needs what breaks it, and what nearly does, in the cases of its family.

    Of rules of a request the sound requests of `icplan.testing` are the negatives, of those against an
    endpoint the sound cases beside the broken ones. ICP112 needs a botocore of its own, and has its own test.
    """
    assert JUDGED.keys() == {rule for rule in RULES if rule >= "ICP3"} - TEMPLATES
    elsewhere = {*FIELDS, NEW_MEMBER, *BREAKS, *ENDPOINTS, *(rule for rule, *_ in BROKEN)}
    assert elsewhere == {rule for rule in RULES if rule < "ICP3"}
