"""What a user asks for: types that mirror AWS's shapes, field rules, and the merge over what is described."""

from icplan.documents.redact import redact, redact_text
from icplan.documents.secrets import REDACTED
from icplan.inputs.boto3_request import Call, read_calls
from icplan.requests.component import ComputeResourceRequirements, DeploymentConfig, Specification
from icplan.requests.from_describe import Requirements, copies_of, requirements_of
from icplan.requests.merge import EffectiveSpec, merge
from icplan.requests.operations import (
    OPERATIONS,
    ComponentRequest,
    CreateInferenceComponent,
    DeleteInferenceComponent,
    Request,
    UpdateInferenceComponent,
    UpdateInferenceComponentRuntimeConfig,
    request_type,
)
from icplan.requests.parse import parse, parse_partially, parse_shape
from icplan.requests.problems import FieldProblem, FieldRule

__all__ = [
    "OPERATIONS",
    "REDACTED",
    "Call",
    "ComponentRequest",
    "ComputeResourceRequirements",
    "CreateInferenceComponent",
    "DeleteInferenceComponent",
    "DeploymentConfig",
    "EffectiveSpec",
    "FieldProblem",
    "FieldRule",
    "Request",
    "Requirements",
    "Specification",
    "UpdateInferenceComponent",
    "UpdateInferenceComponentRuntimeConfig",
    "read_calls",
    "copies_of",
    "merge",
    "parse",
    "parse_partially",
    "parse_shape",
    "redact",
    "redact_text",
    "request_type",
    "requirements_of",
]
