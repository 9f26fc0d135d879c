"""Whatever icplan raises comes from a process to another as it was: none of its kinds is forgotten."""

from __future__ import annotations

import importlib
import multiprocessing
import pkgutil
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from support.endpoints import GPU4, component, scale, snapshot

import icplan
from icplan.api.guard_errors import EndpointChanged, RefusedWrite
from icplan.api.judging import LeftToAwsError, NotAsJudgedError
from icplan.aws.call_error import AwsCallError
from icplan.aws.parts.endpoint import NoComponentsError
from icplan.errors import AwsError, DoesNotFit, IcplanError, InputError, InputProblem
from icplan.snapshot.expected_account import OtherAccountError

if TYPE_CHECKING:
    from collections.abc import Iterator

VERDICT = icplan.check(scale("chat", 3), snapshot(GPU4, 2, component("chat", 2, 3)))
PROBLEMS = [InputProblem("one", "file.yaml", "$.A", 1, 2, "do"), InputProblem("another")]
RAISED = [
    IcplanError("said"),
    InputError(PROBLEMS),
    OtherAccountError(PROBLEMS),
    AwsError("DescribeEndpoint", "refused"),
    NoComponentsError("DescribeEndpointConfig", "hosts a model of its own"),
    AwsCallError("DescribeEndpoint", "throttled", passing=True, denied=True, missing=True),
    DoesNotFit("said", VERDICT),
    RefusedWrite("said", VERDICT, "UpdateInferenceComponent"),
    EndpointChanged("said", VERDICT, "UpdateInferenceComponent", "aa", "bb", ("is another",)),
]
#: A guard catches them itself.
INSIDE = {LeftToAwsError, NotAsJudgedError}


def kinds(of: type[Exception]) -> Iterator[type[Exception]]:
    yield of
    for one in of.__subclasses__():
        yield from kinds(one)


def test_there_is_one_of_each_kind() -> None:
    for module in pkgutil.walk_packages(icplan.__path__, "icplan."):
        if not module.name.endswith(("__main__", "cfnlint", "pytest_plugin")):
            importlib.import_module(module.name)
    public = {one for one in kinds(IcplanError) if one.__module__.startswith("icplan.")}
    assert public - INSIDE == {type(one) for one in RAISED}


def fail(error: Exception) -> None:
    raise error


def test_each_comes_out_of_a_process_as_it_went_in() -> None:
    """There and back, with all that it tells."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("forkserver")) as processes:
        for error in RAISED:
            with pytest.raises(IcplanError) as raised:
                processes.submit(fail, error).result()
            again: Any = raised.value
            assert type(again) is type(error)
            assert str(again) == str(error)
            told = {name: value for name, value in vars(again).items() if not name.startswith("__")}
            assert told == vars(error)
