"""The texts SageMaker answers with, each with how well it is known and where it was seen.

docs/emulator.md lists them from here.
"""

from __future__ import annotations

from typing import Final

from icplan.testing.emulator.error_text import DOCUMENTED, INFERRED, MEASURED, Text

NOT_FOUND: Final = Text(
    'Could not find {kind} "{arn}".',
    MEASURED,
    "aws/amazon-sagemaker-examples issues 2339 and 2402; aws/sagemaker-python-sdk (inference components)",
)
ALREADY_EXISTS: Final = Text(
    'Cannot create already existing {kind} "{arn}".',
    MEASURED,
    "aws/sagemaker-python-sdk issue 101; awslabs/spot-tagging-bot-for-digital-assets issue 2",
)
ENDPOINT_IN_PROGRESS: Final = Text(
    'Cannot update in-progress endpoint "{arn}".',
    MEASURED,
    "aws/amazon-sagemaker-operator-for-k8s (update and delete); for components on such an endpoint: inferred",
)
ENDPOINT_STATE: Final = Text(
    'Cannot update endpoint "{arn}" while it is in state {state}.',
    INFERRED,
    "API model, EndpointStatus: a Failed endpoint can only be deleted; the words are not known",
)
COMPONENT_IN_STATE: Final = Text(
    'Cannot {verb} inference component "{arn}" while it is in state {state}.',
    MEASURED,
    "stdapi-ai/stdapi.ai issue 43 (update), hashicorp/terraform-provider-aws pull request 48894 (delete)",
)
BASE_OF_ADAPTERS: Final = Text(
    'Cannot delete inference component "{arn}": it is a base inference component for one or more associated '
    "inference components.",
    MEASURED,
    "hashicorp/terraform-provider-aws pull request 48894 (the words from 'is a base' on)",
)
NO_COPIES: Final = Text(
    "Inference components copy count an integer larger than 0", MEASURED, "stdapi-ai/stdapi.ai issue 43"
)
NO_SCALE_TO_ZERO: Final = Text(
    "Min instance count needs to be greater than 0 for enabled managed instance scaling",
    MEASURED,
    "stdapi-ai/stdapi.ai issue 43 (eu-west-3 refused, us-east-1 accepted)",
)
SCALING_WITH_MODEL: Final = Text(
    "ManagedInstanceScaling is only supported for inference component endpoints.",
    MEASURED,
    "hashicorp/terraform-provider-aws pull request 45926",
)
NO_COMPONENTS_HERE: Final = Text(
    "Invalid request provided: Inference Components are not supported in this Endpoint. "
    "Please make sure this endpoint can deploy inference components.",
    MEASURED,
    "pulumi/pulumi-aws issue 4940",
)
NOTHING_TO_UPDATE: Final = Text(
    "Either RuntimeConfig or Specification must be specified.",
    INFERRED,
    "hashicorp/terraform-provider-aws pull request 48894 says that it is refused; the words are not known",
)
BOTH_SPECIFICATIONS: Final = Text(
    "Specification and Specifications cannot both be specified.",
    INFERRED,
    "API model: either one or the other, but not both; the words are not known",
)
NO_SPECIFICATION: Final = Text(
    "Either Specification or Specifications must be specified.",
    INFERRED,
    "a component without one could not be placed; the words are not known",
)
NO_VARIANT: Final = Text(
    'Could not find production variant "{name}" in endpoint "{arn}".',
    INFERRED,
    "API model: VariantName names a variant of the endpoint; the words are not known",
)
VARIANT_REQUIRED: Final = Text(
    "VariantName must be specified for an inference component that is not an adapter.",
    INFERRED,
    "hashicorp/terraform-provider-aws pull request 48894 says that it is refused; the words are not known",
)
VARIANT_FORBIDDEN: Final = Text(
    "VariantName must not be specified for an adapter inference component.",
    INFERRED,
    "hashicorp/terraform-provider-aws pull request 48894 says that it is refused; the words are not known",
)
ADAPTER_RESOURCES: Final = Text(
    "ComputeResourceRequirements must not be specified for an adapter inference component.",
    INFERRED,
    "API model: omit it where BaseInferenceComponentName is given; the words are not known",
)
NO_REQUIREMENTS: Final = Text(
    "ComputeResourceRequirements must be specified.",
    INFERRED,
    "API model: what a copy reserves is omitted for adapters only; the words are not known",
)
ROLE_REQUIRED: Final = Text(
    "ExecutionRoleArn must be specified for an endpoint that hosts inference components.",
    MEASURED,
    "stdapi-ai/stdapi.ai issue 43 (that it is refused; the words are not known)",
)
PARTITION_CHANGED: Final = Text(
    "AcceleratorPartitionType of an inference component cannot be changed.",
    DOCUMENTED,
    "developer guide, accelerator partitioning (manage); the words are not AWS's",
)
PARTITION_UNKNOWN: Final = Text(
    "AcceleratorPartitionType {kind} is not valid for this endpoint. Declared partition types: [{declared}]",
    DOCUMENTED,
    "developer guide, accelerator partitioning (troubleshoot): HTTP 400 naming the declared types; "
    "the words are not AWS's",
)
ACCELERATOR_ON_CPU: Final = Text(
    "NumberOfAcceleratorDevicesRequired is not supported for instance type {type}.",
    INFERRED,
    "aws/sagemaker-python-sdk model_builder.py: AWS rejects it; the words are not known",
)
COMPONENTS_ATTACHED: Final = Text(
    'Cannot delete endpoint "{arn}" while inference components are attached to it.',
    INFERRED,
    "an AWS workshop says that it is refused (huggingface/skills measured that components survive the "
    "endpoint: the setting delete_endpoint_with_components)",
)
QUOTA: Final = Text(
    "The account-level service limit '{name}' is {limit} Instances, with current utilization of {used} "
    "Instances and a request delta of {delta} Instances. Please use AWS Service Quotas to request an "
    "increase for this quota. If AWS Service Quotas is not available, contact AWS support to request an "
    "increase for this quota.",
    MEASURED,
    "aws/amazon-sagemaker-examples issue 307; aws-samples/sagemaker-genai-hosting-examples LMIv16 README "
    "(the sentence that gives the numbers; what follows differs between versions)",
    "ResourceLimitExceeded",
)
HARDWARE: Final = Text(
    "There is not enough hardware resources on the instances for this endpoint to create a copy of the "
    "inference component.",
    MEASURED,
    "huggingface/skills, hf-cloud-sagemaker-production-defaults (July 2026)",
)
NO_CAPACITY: Final = Text(
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please "
    "retry using a different ML instance type or after some time.",
    DOCUMENTED,
    "AWS re:Post knowledge center, sagemaker-endpoint-creation-fail (the first sentence)",
)
CONTAINER_FAILED: Final = Text(
    "The container for the inference component did not pass the ping health check. Please check CloudWatch "
    "logs for this inference component.",
    INFERRED,
    "AWS answers so for endpoints with a model; for components the words are not known",
)
ALARM_ROLLBACK: Final = Text(
    "One or more configured alarm(s) went into ALARM state: [{alarms}]. Update rolled back.",
    INFERRED,
    "developer guide, deployment guardrails: a tripped alarm rolls back; the words are not known",
)
TIMED_OUT: Final = Text(
    "The update did not complete within MaximumExecutionTimeoutInSeconds ({seconds}). Update rolled back.",
    INFERRED,
    "API model: the update times out; the words are not known",
)
ROLLBACK_FAILED: Final = Text(
    "{why} The rollback failed: {again}",
    INFERRED,
    "API model, UpdateRollbackFailed; the words are not known",
)
NO_COPY_RUNS: Final = Text(
    "Inference Component has no capacity to process this request. ApplicationAutoScaling may be in-progress "
    "(if configured) or try to increase the capacity by invoking UpdateInferenceComponentRuntimeConfig API.",
    DOCUMENTED,
    "developer guide, endpoint-auto-scaling-zero-instances",
    "ValidationError",
)
ENDPOINT_NOT_FOUND_AT_RUNTIME: Final = Text(
    "Endpoint {name} of account {account} not found.",
    MEASURED,
    "aws/amazon-sagemaker-examples issues 293 and 559",
    "ValidationError",
)
COMPONENT_HEADER: Final = Text(
    "Inference Component Name header is required for endpoints to which you plan to deploy inference "
    "components. Please include Inference Component Name header or consider using SageMaker models.",
    INFERRED,
    "API reference, InvokeEndpoint: the name is needed where an endpoint hosts components",
    "ValidationError",
)
BAD_TOKEN: Final = Text("The NextToken is not valid.", INFERRED, "the words are not known")
ACCESS_DENIED: Final = Text(
    "User: {user} is not authorized to perform: {action} on resource: {resource} because no identity-based "
    "policy allows the {action} action",
    DOCUMENTED,
    "IAM user guide, troubleshoot access denied",
    "AccessDeniedException",
)
THROTTLED: Final = Text("Rate exceeded", MEASURED, "every AWS SDK's retry tests", "ThrottlingException")
UNKNOWN_OPERATION: Final = Text(
    "The emulator does not know {operation}",
    INFERRED,
    "Smithy's AWS JSON protocols",
    "UnknownOperationException",
)
MALFORMED: Final = Text("{why}", INFERRED, "Smithy's AWS JSON protocols", "SerializationException")
INVALID: Final = Text(
    "{count} validation error{s} detected: {faults}",
    MEASURED,
    "aws/amazon-sagemaker-examples issue 2236; several are parted by '; '",
)
CONSTRAINT: Final = Text(
    "Value {value} at '{path}' failed to satisfy constraint: Member must {constraint}",
    MEASURED,
    "aws/amazon-sagemaker-examples issue 2236 (pattern), many reports of instance types (enumeration); of "
    "lengths, ranges and nulls: the same framework's, measured of other services",
)
NO_TAGGED_RESOURCE: Final = Text(
    "Could not find resource with ARN {arn}.",
    INFERRED,
    "AddTags, ListTags and DeleteTags: the words are not known",
)
