"""Names that a plan does not know yet are found through its configuration, like keys to like keys."""

from __future__ import annotations

import json
from typing import Any

import pytest

from icplan.errors import InputError
from icplan.inputs import formats
from icplan.inputs.deployment import Deployment, InputOptions
from icplan.inputs.source import parse_source

COMPUTE = [{"min_memory_required_in_mb": 1024, "number_of_accelerator_devices_required": 1}]


def change(kind: str, module: str, after: dict[str, Any], *unknown: str, actions: str = "create") -> Any:
    return {
        "address": f"{module}{kind}.this",
        "mode": "managed",
        "type": kind,
        "change": {
            "actions": [actions],
            "before": None,
            "after": after,
            "after_unknown": dict.fromkeys(unknown, True),
        },
    }


def shore(key: str) -> list[Any]:
    """An endpoint whose name is known only after apply, in an instance of a module."""
    variant = {"variant_name": "main", "instance_type": "ml.g5.xlarge", "initial_instance_count": 1}
    module = f'module.shore["{key}"].'
    fleet = {"production_variants": [variant], "execution_role_arn": "arn:aws:iam::111122223333:role/serve"}
    return [
        change("aws_sagemaker_endpoint_configuration", module, fleet, "name"),
        change("aws_sagemaker_endpoint", module, {}, "name", "endpoint_config_name"),
    ]


def component(key: str, endpoint: str | None = None) -> Any:
    after: dict[str, Any] = {
        "name": f"c-{key}",
        "variant_name": "main",
        "specification": [{"model_name": "m", "compute_resource_requirements": COMPUTE}],
        "runtime_config": [{"copy_count": 1}],
    }
    if endpoint:
        after["endpoint_name"] = endpoint
    module = f'module.dune["{key}"].'
    unknown = () if endpoint else ("endpoint_name",)
    return change("aws_sagemaker_inference_component", module, after, *unknown)


def references(*names: str) -> dict[str, Any]:
    return {"references": list(names)}


def configuration(shore_reference: str) -> dict[str, Any]:
    fleet = "aws_sagemaker_endpoint_configuration.this"
    return {
        "module_calls": {
            "shore": {
                "module": {
                    "resources": [
                        {
                            "address": "aws_sagemaker_endpoint.this",
                            "expressions": {"endpoint_config_name": references(f"{fleet}.name", fleet)},
                        }
                    ],
                    "outputs": {"name": {"expression": references("aws_sagemaker_endpoint.this.name")}},
                }
            },
            "dune": {
                "expressions": {"endpoint": references(shore_reference)},
                "module": {
                    "resources": [
                        {
                            "address": "aws_sagemaker_inference_component.this",
                            "expressions": {"endpoint_name": references("var.endpoint")},
                        }
                    ]
                },
            },
        }
    }


def deployment(changes: list[Any], root: dict[str, Any]) -> Deployment:
    plan = {"format_version": "1.2", "resource_changes": changes, "configuration": {"root_module": root}}
    return formats.read([parse_source(json.dumps(plan).encode(), "plan.json")], InputOptions())


def test_like_keys_go_to_like_keys() -> None:
    changes = [*shore("a"), *shore("b"), component("b"), component("a")]
    found = deployment(changes, configuration("module.shore.name"))
    by_label = {
        one.label: [call.request["InferenceComponentName"] for call in one.calls] for one in found.endpoints
    }
    assert by_label == {
        'module.shore["a"].aws_sagemaker_endpoint.this': ["c-a"],
        'module.shore["b"].aws_sagemaker_endpoint.this': ["c-b"],
    }
    assert len({one.name for one in found.endpoints}) == 2


def test_a_key_that_is_written_wins() -> None:
    changes = [*shore("a"), *shore("b"), component("x")]
    found = deployment(changes, configuration('module.shore["b"].name'))
    (one,) = (endpoint for endpoint in found.endpoints if endpoint.calls)
    assert one.label == 'module.shore["b"].aws_sagemaker_endpoint.this'


def test_a_link_that_leads_nowhere_is_the_only_endpoint_or_none() -> None:
    (one,) = deployment([*shore("a"), component("x")], configuration("local.name")).endpoints
    assert [call.request["InferenceComponentName"] for call in one.calls] == ["c-x"]
    with pytest.raises(InputError, match="EndpointName is known only after apply"):
        deployment([*shore("a"), *shore("b"), component("x")], configuration("local.name"))


def test_an_endpoint_that_is_there_needs_a_snapshot() -> None:
    changes = [component("x", endpoint="shore")]
    with pytest.raises(InputError, match="which no file given declares"):
        deployment(changes, {})


def listed(name: str, **more: Any) -> dict[str, Any]:
    return {"address": f"aws_sagemaker_inference_component.{name}", "expressions": {}} | more


def called(*resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"module": {"resources": list(resources)}} | more


PAUSE = {"address": "time_sleep.p", "depends_on": ["aws_sagemaker_inference_component.a"]}
WAITS: dict[str, dict[str, Any]] = {
    "all of a module": {
        "module_calls": {"a": called(listed("this"))},
        "resources": [listed("this", depends_on=["module.a"])],
    },
    "the call of a module": {
        "module_calls": {"a": called(listed("this")), "b": called(listed("this"), depends_on=["module.a"])},
    },
    "a module within a module": {
        "module_calls": {"a": {"module": {"module_calls": {"in": called(listed("this"))}}}},
        "resources": [listed("this", depends_on=["module.a"])],
    },
    "a pause": {"resources": [listed("a"), listed("this", depends_on=["time_sleep.p"]), PAUSE]},
    "nothing": {"module_calls": {"a": called(listed("this"))}, "resources": [listed("this")]},
}


@pytest.mark.parametrize("how", WAITS)
def test_what_a_component_waits_for(how: str) -> None:
    root = WAITS[how]
    first = {"a pause": "", "a module within a module": "module.a.module.in."}.get(how, "module.a.")
    second = "module.b." if how == "the call of a module" else ""
    name = "aws_sagemaker_inference_component"
    changes = [component("x", endpoint="e"), component("y", endpoint="e")]
    changes[0]["address"] = f"{first}{name}.{'a' if how == 'a pause' else 'this'}"
    changes[1]["address"] = f"{second}{name}.this"
    endpoint = change("aws_sagemaker_endpoint", "", {"name": "e", "endpoint_config_name": "f"})
    fleet = change("aws_sagemaker_endpoint_configuration", "", {"name": "f", "production_variants": []})
    found = deployment([endpoint, fleet, *changes], root)
    first_call, second_call = (call for one in found.endpoints for call in one.calls)
    assert (first_call.resource in second_call.waits_for) is (how != "nothing")
