"""ICP150 to ICP182: rules of an endpoint configuration, and of a request against the endpoint it goes to."""

from __future__ import annotations

from icplan.rules.rule import DOCUMENTED, ERROR, INFERRED, MEASURED, NOTE, WARNING, Rule

_API = "API reference, botocore 1.44.5"
_PARTITIONS = "SageMaker developer guide, accelerator partitioning for inference components"
_STDAPI = "stdapi-ai/stdapi.ai issue 43, measured against AWS"
_TERRAFORM = "hashicorp/terraform-provider-aws pull request 48894, whose acceptance tests ran against AWS"

ENDPOINT_RULES = (
    Rule(
        id="ICP150",
        title="Managed instance scaling on a variant with a model",
        severity=ERROR,
        basis=MEASURED,
        source="hashicorp/terraform-provider-aws pull request 45926.",
        aws_error="ManagedInstanceScaling is only supported for inference component endpoints.",
        why="A variant with `ModelName` hosts that one model, and no inference components.",
        fix="Leave `ModelName` out, or `ManagedInstanceScaling`.",
    ),
    Rule(
        id="ICP151",
        title="The variant cannot host inference components",
        severity=ERROR,
        basis=MEASURED,
        source="pulumi/pulumi-aws issue 4940.",
        aws_error=(
            "Invalid request provided: Inference Components are not supported in this Endpoint. Please make "
            "sure this endpoint can deploy inference components."
        ),
        why="The variant has a `ModelName` or is serverless.",
        fix="Use an endpoint configuration whose variants have neither, and an `ExecutionRoleArn`.",
    ),
    Rule(
        id="ICP152",
        title="The endpoint configuration has no execution role",
        severity=ERROR,
        basis=MEASURED,
        source=f"{_STDAPI}.",
        why="Without a model, whose role would be used, the configuration itself must name one.",
        fix="Add `ExecutionRoleArn`.",
    ),
    Rule(
        id="ICP153",
        title="MinInstanceCount above MaxInstanceCount",
        severity=ERROR,
        basis=INFERRED,
        source="The API model bounds each from below only; no number of instances lies between them.",
        why="Managed instance scaling keeps the number of instances between the two.",
        fix="Lower `MinInstanceCount` or raise `MaxInstanceCount`.",
    ),
    Rule(
        id="ICP154",
        title="InitialInstanceCount outside the bounds of managed instance scaling",
        severity=WARNING,
        basis=INFERRED,
        source=f"{_API}: no rule is stated.",
        why="The endpoint would start with fewer instances than it must keep, or more than it may have.",
        fix="Choose it between `MinInstanceCount` and `MaxInstanceCount`.",
    ),
    Rule(
        id="ICP155",
        title="Scaling to no instance is not offered in every Region",
        severity=NOTE,
        basis=MEASURED,
        source=f"{_STDAPI}: refused in eu-west-3, accepted in us-east-1.",
        aws_error="Min instance count needs to be greater than 0 for enabled managed instance scaling",
        why="`MinInstanceCount` is 0 and managed instance scaling is on.",
        fix="If it is refused, use 1.",
    ),
    Rule(
        id="ICP156",
        title="Two instance pools with one priority or one type",
        severity=WARNING,
        basis=INFERRED,
        source=(
            f'{_API}: "SageMaker attempts to provision instances in order of priority, starting with the '
            'lowest value."'
        ),
        why="Nothing says which of two pools with the same priority comes first.",
        fix="Give each type one pool and each pool a priority of its own, from 1 to 5.",
    ),
    Rule(
        id="ICP157",
        title="A variant needs either an instance type or instance pools",
        severity=ERROR,
        basis=INFERRED,
        source=(
            f'{_API}: "Use instance pools to configure heterogeneous endpoints that deploy models across '
            'multiple instance types."'
        ),
        why="With both, or with neither, it is not told which instances the variant has.",
        fix="Keep `InstanceType` for one type, or `InstancePools` for several.",
    ),
    Rule(
        id="ICP158",
        title="A variant takes one partition layout",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f'{_API}: "Specify a single layout"; {_PARTITIONS}.',
        why="The one layout applies to every accelerator of every instance, and must name a partition.",
        fix="Keep one entry with at least one partition type; repeat a type to have several such partitions.",
    ),
    Rule(
        id="ICP159",
        title="The partition layout does not fit the accelerator",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{_PARTITIONS}; slices per partition from NVIDIA's MIG user guide.",
        why=(
            "A partition type belongs to a GPU, and the types of a layout together may take no more compute "
            "and memory slices than one GPU has. AWS answers with what the accelerator offers and what "
            "was asked."
        ),
        fix=(
            "Choose types of this GPU whose slices add up to no more than it has; `icplan catalog TYPE` "
            "lists them."
        ),
    ),
    Rule(
        id="ICP160",
        title="The accelerators of this instance type cannot be partitioned",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{_PARTITIONS}; NVIDIA's MIG user guide.",
        why=(
            "Only some NVIDIA GPUs have Multi-Instance GPU partitions: A100, H100, H200, B200, B300 "
            "among them."
        ),
        fix="Leave `AcceleratorPartitionLayouts` out, or use another instance type.",
    ),
    Rule(
        id="ICP161",
        title="The partition layout of a running endpoint cannot change",
        severity=ERROR,
        basis=DOCUMENTED,
        source=(
            f'{_API}: "when you update an endpoint, a layout with the same profiles in a different order '
            "counts "
            'as a different layout, and the update is rejected."'
        ),
        why="Copies hold partitions of the present layout.",
        fix="Keep the layout exactly, order included, or create another endpoint.",
    ),
    Rule(
        id="ICP170",
        title="The component is not on the endpoint",
        severity=ERROR,
        basis=MEASURED,
        source="Integration tests of aws/sagemaker-python-sdk.",
        aws_error="Could not find inference component",
        why="The snapshot has no inference component of that name.",
        fix="Check the name, and whether the snapshot is of the right endpoint and recent.",
    ),
    Rule(
        id="ICP171",
        title="A component of that name exists already",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f'{_API}, InferenceComponentName: "A unique name to assign to the inference component."',
        why="Names are unique in an account and Region; the snapshot has one like it.",
        fix="Choose another name, or update the component that is there.",
    ),
    Rule(
        id="ICP172",
        title="The request goes to another endpoint",
        severity=ERROR,
        basis=MEASURED,
        source=f"{_TERRAFORM}.",
        aws_error="Could not find endpoint",
        why="`EndpointName` is not the endpoint of the snapshot, so nothing can be said of its room.",
        fix="Check the name, or take a snapshot of that endpoint.",
    ),
    Rule(
        id="ICP173",
        title="The endpoint has no such variant",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f'{_API}, VariantName: "The name of an existing production variant".',
        why="The endpoint configuration does not name it.",
        fix="Use one of the variants the message lists.",
    ),
    Rule(
        id="ICP174",
        title="The adapter's base is not on the endpoint",
        severity=ERROR,
        basis=DOCUMENTED,
        source=(
            f'{_API}: "you must have an existing inference component that contains the foundation model that '
            'you want to adapt."'
        ),
        why="The base must exist, on the same endpoint, and must not itself be an adapter.",
        fix="Create the base first, or correct `BaseInferenceComponentName`.",
    ),
    Rule(
        id="ICP175",
        title="Accelerators on an instance type that has none",
        severity=ERROR,
        basis=DOCUMENTED,
        source='A comment in aws/sagemaker-python-sdk: "AWS rejects it"; the SDK strips the member.',
        why="No instance a copy may run on has an accelerator.",
        fix="Leave `NumberOfAcceleratorDevicesRequired` out, or use an instance type with accelerators.",
    ),
    Rule(
        id="ICP176",
        title="The variant is partitioned, but no partition type is asked for",
        severity=ERROR,
        basis=DOCUMENTED,
        source=(
            f"{_API}: \"This field is required when the endpoint's production variant has an accelerator "
            'partition layout."'
        ),
        why="On a partitioned variant there is no whole accelerator to be had.",
        fix="Add `AcceleratorPartitionType` with one of the types the layout declares.",
    ),
    Rule(
        id="ICP177",
        title="The partition type is not declared in the variant's layout",
        severity=ERROR,
        basis=DOCUMENTED,
        source=(
            f"{_API}: \"It must be one of the partition profiles declared in the target endpoint's "
            'accelerator partition layout".'
        ),
        why="A copy takes exactly its type of partition; a larger one does not stand in for it.",
        fix="Use a type the layout declares; on a variant without a layout, leave the member out.",
    ),
    Rule(
        id="ICP178",
        title="A partition takes exactly one device",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f'{_API}: "when set, NumberOfAcceleratorDevicesRequired must be 1".',
        why="A copy uses one partition of one accelerator.",
        fix="Set `NumberOfAcceleratorDevicesRequired` to 1.",
    ),
    Rule(
        id="ICP179",
        title="An update cannot change the partition type",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f'{_PARTITIONS}: "UpdateInferenceComponent rejects a change to AcceleratorPartitionType".',
        why="The component was created for another type, or for whole accelerators.",
        fix="Create a component with the new type, then delete the old one.",
    ),
    Rule(
        id="ICP180",
        title="Specifications names a type the endpoint does not have",
        severity=NOTE,
        basis=MEASURED,
        source=f"{_TERRAFORM}: accepted.",
        why="The entry has no effect as long as the variant has no instances of that type.",
        fix="Nothing, if the type is to be added later; else check the spelling.",
    ),
    Rule(
        id="ICP181",
        title="The endpoint, its configuration or a variant is not there",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f'{_API}: "You create the endpoint configuration with the CreateEndpointConfig API."',
        why=(
            "Nothing can be made on an endpoint, or of a configuration, that is not there: the change of the "
            "set that was to make it fails, or the name is another."
        ),
        fix="Correct what is to make it first, or the name.",
    ),
    Rule(
        id="ICP182",
        title="An endpoint of that name exists already",
        severity=ERROR,
        basis=DOCUMENTED,
        source=(
            f'{_API}, EndpointName: "The name must be unique within an Amazon Web Services Region in your '
            'Amazon Web Services account. The name is case-insensitive in CreateEndpoint".'
        ),
        why="The snapshot is of an endpoint of that name.",
        fix="Choose another name, or use update_endpoint.",
    ),
)
