"""The registry, and the pages made from it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest

from icplan.rules import RULES, endpoints, page, partitions, references, rolling, state
from icplan.rules.__main__ import main
from icplan.rules.base import DOCUMENTED, FAMILIES, INFERRED, MEASURED
from icplan.rules.configuration import CHECKS as CONFIGURATION_CHECKS
from icplan.rules.container import CHECKS as CONTAINER_CHECKS
from icplan.rules.fields import NEW_MEMBER, RULE_OF
from icplan.rules.pages import files
from icplan.rules.specification import CHECKS as SPECIFICATION_CHECKS

if TYPE_CHECKING:
    from icplan.rules import Rule

PAGES = Path(__file__).parents[2] / "docs" / "rules"


def test_the_pages_are_those_of_the_registry() -> None:
    """docs/rules has not drifted. Write it anew with: python -m icplan.rules docs/rules."""
    written = {path.name: path.read_text(encoding="utf-8") for path in PAGES.iterdir()}
    assert written == files()


def test_every_check_is_registered() -> None:
    """No finding can carry an id without a page, and no id before the judge's is without a check."""
    checked = {*RULE_OF.values(), NEW_MEMBER, *SPECIFICATION_CHECKS, *CONTAINER_CHECKS, *CONFIGURATION_CHECKS}
    for checks in (
        endpoints.CHECKS,
        references.CHECKS,
        partitions.CHECKS,
        partitions.REQUEST_CHECKS,
        rolling.CHECKS,
        state.CHECKS,
    ):
        checked |= checks.keys()
    assert checked == {rule for rule in RULES if rule < "ICP3"}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_every_rule_says_all_there_is_to_say(rule: Rule) -> None:
    """Its page holds AWS's error text whole, what it rests on, why, and what to do."""
    assert re.fullmatch(r"ICP[1-6]\d\d", rule.id)
    assert rule.family == FAMILIES[rule.id[3]]
    assert rule.basis in (DOCUMENTED, MEASURED, INFERRED)
    text = page(rule)
    assert text.startswith(f"# {rule.id}: {rule.title}\n")
    assert rule.aws_error is None or rule.aws_error in text
    joined = " ".join(text.split())
    for part in (rule.why, rule.fix, rule.source):
        assert part
        assert " ".join(part.split()) in joined
    assert not re.search(r"[ \t]+$", text, re.MULTILINE)


def test_ids_stay() -> None:
    """Ids are never renumbered: these have been published."""
    assert list(RULES) == sorted(RULES)
    assert {"ICP101", "ICP141", "ICP150", "ICP180", "ICP201", "ICP207"} <= RULES.keys()
    assert {"ICP301", "ICP309", "ICP401", "ICP404", "ICP501", "ICP505", "ICP601", "ICP602"} <= RULES.keys()


def test_the_pages_can_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Pages of rules that are gone are removed, other files stay; without a directory it says how."""
    (tmp_path / "ICP999.md").write_text("stale", encoding="utf-8")
    (tmp_path / "notes.md").write_text("mine", encoding="utf-8")
    assert main([str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"notes.md", *files()}
    assert main([str(tmp_path / "deeper" / "still")]) == 0
    assert {path.name for path in (tmp_path / "deeper" / "still").iterdir()} == files().keys()
    assert main([]) == 2
    assert capsys.readouterr().err == "usage: python -m icplan.rules DIRECTORY\n"


def test_what_may_be_pasted_is_not_broken() -> None:
    """A long address stays on one line of its page."""
    address = f"https://host.example/{'long-' * 30}page"
    text = page(attrs.evolve(RULES["ICP101"], source=f"See {address} for more."))
    assert address in text
