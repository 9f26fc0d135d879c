"""ICP121 to ICP142: rules across the members of a component's request."""

from __future__ import annotations

from icplan.rules.rule import DOCUMENTED, ERROR, INFERRED, MEASURED, NOTE, WARNING, Rule

_API = "API reference, botocore 1.44.5"
_TERRAFORM = "hashicorp/terraform-provider-aws pull request 48894, whose acceptance tests ran against AWS"
_STDAPI = "stdapi-ai/stdapi.ai issue 43, measured against AWS"
_CFN = "CloudFormation schema of AWS::SageMaker::InferenceComponent"

REQUEST_RULES = (
    Rule(
        id="ICP121",
        title="Specification and Specifications in one request",
        severity=ERROR,
        basis=DOCUMENTED,
        source=(
            f'{_API}: "You can use either this parameter or the singular Specification parameter, but not '
            'both."'
        ),
        why="A component is described either once for all instance types, or once per instance type.",
        fix="Keep `Specification`, or write one entry of `Specifications` per instance type.",
    ),
    Rule(
        id="ICP122",
        title="A new component without a specification",
        severity=ERROR,
        basis=INFERRED,
        source="The API model requires neither form; a component without either has nothing to run.",
        why="Nothing says what a copy runs or what it reserves.",
        fix="Add `Specification` with `Container` or `ModelName`, and `ComputeResourceRequirements`.",
    ),
    Rule(
        id="ICP123",
        title="The update asks for nothing",
        severity=ERROR,
        basis=MEASURED,
        source=f"{_TERRAFORM}.",
        why=(
            "UpdateInferenceComponent needs RuntimeConfig or a specification: a request with the name alone, "
            "or with a DeploymentConfig alone, is rejected."
        ),
        fix=(
            "Add what is to change. A DeploymentConfig takes effect only together with a specification. A "
            'component is deleted by `{"Operation": "DeleteInferenceComponent", "Request": {...}}`.'
        ),
    ),
    Rule(
        id="ICP124",
        title="An entry of Specifications does not say its instance type",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f'{_API}: "Required when using the Specifications parameter with multiple entries."',
        why="With several entries, SageMaker must know which one is for which type.",
        fix="Add `InstanceType` to every entry.",
    ),
    Rule(
        id="ICP125",
        title="Two entries of Specifications for one instance type",
        severity=ERROR,
        basis=INFERRED,
        source=(
            f'{_API}: "A list of specification objects for the inference component, one per instance type."'
        ),
        why="Nothing says which of the two a copy on that type would follow.",
        fix="Keep one entry per instance type.",
    ),
    Rule(
        id="ICP126",
        title="InstanceType in the singular Specification",
        severity=WARNING,
        basis=DOCUMENTED,
        source=f'{_CFN}: InstanceType "is not accepted on the singular Specification".',
        why="The API model has the member there, but CloudFormation's documentation says it is not accepted.",
        fix="Leave it out, or use `Specifications`.",
    ),
    Rule(
        id="ICP127",
        title="Minimum memory above maximum memory",
        severity=ERROR,
        basis=INFERRED,
        source=(
            "The API model bounds each from below only; no copy can have at least the one and at most "
            "the other."
        ),
        why="A copy reserves `MinMemoryRequiredInMb` and is stopped beyond `MaxMemoryRequiredInMb`.",
        fix="Raise `MaxMemoryRequiredInMb`, lower `MinMemoryRequiredInMb`, or leave the maximum out.",
    ),
    Rule(
        id="ICP128",
        title="A fraction of an accelerator",
        severity=WARNING,
        basis=INFERRED,
        source="The API model allows any number from 1; every published example has a whole one.",
        why="Accelerators are given out whole. icplan counts a fraction as one more device.",
        fix="Ask for a whole number, or for a partition (`AcceleratorPartitionType`).",
    ),
    Rule(
        id="ICP129",
        title="An adapter with compute requirements of its own",
        severity=WARNING,
        basis=DOCUMENTED,
        source=(
            f'{_API}: "Omit this parameter if your request is meant to create an adapter inference component.'
            ' [...] it uses the compute resources of the base inference component."'
        ),
        why="An adapter is loaded into the copies of its base. icplan does not count its requirements.",
        fix="Leave `ComputeResourceRequirements` out; give the base the memory the adapters need.",
    ),
    Rule(
        id="ICP130",
        title="An adapter with a variant name",
        severity=ERROR,
        basis=MEASURED,
        source=f'{_TERRAFORM}: the API "forbids it for an adapter".',
        why="An adapter lives where its base lives.",
        fix="Leave `VariantName` out.",
    ),
    Rule(
        id="ICP131",
        title="A new component without a variant name",
        severity=WARNING,
        basis=MEASURED,
        source=f'{_TERRAFORM}: the API "rejects a null value for a standard inference component".',
        why=(
            "The API model does not require the member, but the service may, except for an adapter. icplan "
            "takes the endpoint's only variant."
        ),
        fix="Add `VariantName`; the endpoint configuration names its variants.",
    ),
    Rule(
        id="ICP132",
        title="An adapter in Specifications",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f'{_CFN}: "adapter inference components are supported only on the singular Specification".',
        why="An adapter follows its base, whatever instance type that runs on.",
        fix="Put `BaseInferenceComponentName` into `Specification`.",
    ),
    Rule(
        id="ICP133",
        title="A new component with no copy",
        severity=ERROR,
        basis=MEASURED,
        source=f"{_STDAPI}.",
        aws_error="Inference components copy count an integer larger than 0",
        why="A component can be scaled to 0 copies later, but not be created with none.",
        fix="Create it with 1 copy, then call UpdateInferenceComponentRuntimeConfig with 0.",
    ),
    Rule(
        id="ICP134",
        title="A new component does not say how many copies",
        severity=WARNING,
        basis=INFERRED,
        source="The API model does not require RuntimeConfig, and does not say what its absence means.",
        why="icplan judges the request as one copy.",
        fix="Add `RuntimeConfig` with `CopyCount`.",
    ),
    Rule(
        id="ICP135",
        title="A new component does not say what a copy needs",
        severity=ERROR,
        basis=INFERRED,
        source=f"{_API}: ComputeResourceRequirements may be omitted for an adapter.",
        why="SageMaker places a copy by what it reserves; only an adapter reserves nothing of its own.",
        fix="Add `ComputeResourceRequirements` with at least `MinMemoryRequiredInMb`.",
    ),
    Rule(
        id="ICP136",
        title="The batch is outside 5 to 50 percent of the copies",
        severity=WARNING,
        basis=DOCUMENTED,
        source=(
            f'{_API}: "The value must be between 5% to 50% of the copy count of the inference component." '
            "AWS's own published example of a rolling update breaks it, with 2 of 2 copies."
        ),
        why="How strictly the service checks it, and how it rounds, is not stated; hence a warning.",
        fix=(
            "Choose a batch within the range. A component with one copy has none: update it without a "
            "DeploymentConfig."
        ),
    ),
    Rule(
        id="ICP137",
        title="The update may run out of time",
        severity=WARNING,
        basis=DOCUMENTED,
        source=(
            f'{_API}, MaximumExecutionTimeoutInSeconds: "The time limit for the total deployment. Exceeding '
            'this limit causes a timeout."'
        ),
        why=(
            "Each batch must start, then waits `WaitIntervalInSeconds`. The batches times that wait, and the "
            "time you allow a copy to download and to start, exceed `MaximumExecutionTimeoutInSeconds`. One "
            "published update of 2 copies on GPU instances, batch 1 and wait 60, took 31 minutes."
        ),
        fix="Raise `MaximumExecutionTimeoutInSeconds` (up to 28800), or use larger batches or shorter waits.",
    ),
    Rule(
        id="ICP138",
        title="More environment variables than documented",
        severity=WARNING,
        basis=DOCUMENTED,
        source=f'{_API}: "We support up to 16 entries in the map." The API model allows 100.',
        why="The two published limits differ. icplan refuses above 100 (ICP108) and warns above 16.",
        fix="Keep to 16 variables, or move settings into the artefact.",
    ),
    Rule(
        id="ICP139",
        title="The artefact is no .tar.gz archive",
        severity=WARNING,
        basis=DOCUMENTED,
        source=f'{_API}: "This path must point to a single gzip compressed tar archive (.tar.gz suffix)."',
        why="Whether the suffix is checked before the container starts is not stated; hence a warning.",
        fix="Pack the model as .tar.gz, or read it from the container through an environment variable.",
    ),
    Rule(
        id="ICP140",
        title="The memory looks like another unit",
        severity=WARNING,
        basis=DOCUMENTED,
        source=f'{_API}: "The minimum MB of memory to allocate to run a model".',
        why="The number is far larger than any instance's memory in MB, or smaller than the least allowed.",
        fix="Write megabytes: 16 GB is 16384.",
    ),
    Rule(
        id="ICP141",
        title="The memory equals that of the accelerators",
        severity=NOTE,
        basis=DOCUMENTED,
        source=(
            'SageMaker developer guide, accelerator partitioning: "MinMemoryRequiredInMb and '
            'NumberOfCpuCoresRequired describe host memory and CPU."'
        ),
        why=(
            "`MinMemoryRequiredInMb` reserves memory of the host. Accelerators come with all of their own "
            "memory, and reserving as much on the host may keep copies from fitting."
        ),
        fix="Ask for what the process needs on the host while it loads and runs the model.",
    ),
    Rule(
        id="ICP142",
        title="A metrics interval that is not offered",
        severity=WARNING,
        basis=DOCUMENTED,
        source=(
            f'{_API}, MetricPublishFrequencyInSeconds: "Valid values: 10, 30, 60, 120, 180, 240, 300. '
            "Defaults to 60.\" The API model has no such bound; CloudFormation's schema has 10 to 300."
        ),
        why="Whether another value is refused or rounded is not stated; hence a warning.",
        fix="Use one of 10, 30, 60, 120, 180, 240 and 300 seconds.",
    ),
)
