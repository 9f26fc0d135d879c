"""An argument that is none is refused by its name, in one sentence, where it is given."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest
from support.endpoints import GPU4, component, scale, snapshot

import icplan
from icplan.api.judging_settings import CHECK_OPTIONS
from icplan.testing import FakeSageMaker

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = snapshot(GPU4, 2, component("chat", 2, 3))
TEXTS: tuple[Any, ...] = ("ICP305", b"x", 5, [5], {"a": "b"})


def check(**options: Any) -> Any:
    return icplan.check(scale("chat", 3), RUNS, **options)


def headroom(**options: Any) -> Any:
    return icplan.headroom(RUNS, **options)


def drill(**options: Any) -> Any:
    return icplan.drill(RUNS, **options)


def plan(**options: Any) -> Any:
    return icplan.plan([{}], by="instances", **options)


def refused(call: Callable[..., Any], **options: Any) -> str:
    with pytest.raises(icplan.InputError) as error:
        call(**options)
    return str(error.value)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (check, "allocatable"),
        (check, "ignore"),
        (headroom, "components"),
        (headroom, "at"),
        (headroom, "allocatable"),
        (drill, "lose"),
        (plan, "types"),
        (plan, "hold"),
    ],
)
@pytest.mark.parametrize("given", TEXTS)
def test_a_list_of_texts(call: Callable[..., Any], name: str, given: Any) -> None:
    if (name, given) == ("ignore", {"a": "b"}):
        return  # reasons by rule
    assert refused(call, **{name: given}).startswith(f"{name}: must be a list of texts, not ")


@pytest.mark.parametrize(
    ("call", "name"), [(check, "assume"), (headroom, "assume"), (headroom, "at_least"), (plan, "quotas")]
)
@pytest.mark.parametrize("given", [["batch-rounding=up"], "batch-rounding=up", 5, {5: "up"}])
def test_values_by_name(call: Callable[..., Any], name: str, given: Any) -> None:
    said = refused(call, **{name: given})
    assert said.startswith(f"{name}: must be a dict of values by name, not ")
    assert f"As in {name}=" in said


def test_a_long_argument_is_not_quoted_whole() -> None:
    assert len(refused(check, allocatable="x" * 10_000)) < 200


def test_what_runs_is_given_to_python_as_python_has_it() -> None:
    with pytest.raises(icplan.InputError, match="in Python: snapshot="):
        icplan.check(scale("chat", 3))


# -- a guard's options --------------------------------------------------------------------------------------


def test_a_guard_passes_on_what_check_takes() -> None:
    taken = list(inspect.signature(icplan.check).parameters)
    assert sorted(taken) == sorted([*CHECK_OPTIONS, "change", "snapshot"])


@pytest.mark.parametrize(
    ("options", "raised", "said"),
    [
        ({"timelimit": 3}, TypeError, "guard takes no option timelimit; did you mean time_limit?"),
        ({"zzz": 3}, TypeError, "guard takes no option zzz: icplan.check takes assume, "),
        ({"assume": ["x=y"]}, icplan.InputError, "assume: must be a dict"),
        ({"assume": {"x": "y"}}, icplan.InputError, "there is no assumption 'x'"),
        ({"ignore": "ICP305"}, icplan.InputError, "ignore: must be a list of texts"),
        ({"ignore": ["ICP999"]}, icplan.InputError, "there is no rule 'ICP999'"),
        ({"allocatable": "ml.m5.large.memory=5"}, icplan.InputError, "allocatable: must be a list"),
        ({"effort": -1}, icplan.InputError, ""),
    ],
)
def test_an_option_that_is_none_is_refused_when_guarding(
    options: dict[str, Any], raised: type[Exception], said: str
) -> None:
    """Not at the first write: that may be a night later."""
    with FakeSageMaker(RUNS) as fake:
        client = fake.session().client("sagemaker")
        with pytest.raises(raised) as error:
            icplan.guard(client, **options)
        assert str(error.value).startswith(said)


def test_what_can_be_gone_through_once_serves_every_write() -> None:
    with FakeSageMaker(RUNS) as fake:
        reports: list[Any] = []
        client = icplan.guard(
            fake.session().client("sagemaker"),
            report=reports.append,
            allocatable=iter([f"{GPU4}.memory=100000"]),
            ignore=iter(["ICP305"]),
        )
        for copies in (1, 2):
            client.update_inference_component_runtime_config(
                InferenceComponentName="chat", DesiredRuntimeConfig={"CopyCount": copies}
            )
    for report in reports:
        settings = {one.setting for one in report.verdict.config.settings}
        assert settings - {"time-limit"} == {"ignore.ICP305", f"allocatable.{GPU4}.memory"}


def test_a_judge_of_ones_own_takes_what_it_likes() -> None:
    def judge(change: Any, taken: icplan.Snapshot, *, strictly: bool) -> icplan.Verdict:
        assert strictly
        return icplan.check(change, taken)

    with FakeSageMaker(RUNS) as fake:
        client = icplan.guard(fake.session().client("sagemaker"), judge=judge, strictly=True)
        client.update_inference_component_runtime_config(
            InferenceComponentName="chat", DesiredRuntimeConfig={"CopyCount": 1}
        )
