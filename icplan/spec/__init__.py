"""What a user asks for: types that mirror AWS's shapes, field rules, and the merge over what is described."""

from icplan.spec.change import Call, read_calls
from icplan.spec.component import ComputeResourceRequirements, DeploymentConfig, Specification
from icplan.spec.described import Requirements, copies_of, requirements_of
from icplan.spec.merge import EffectiveSpec, merge
from icplan.spec.operations import (
    OPERATIONS,
    ComponentRequest,
    CreateInferenceComponent,
    DeleteInferenceComponent,
    Request,
    UpdateInferenceComponent,
    UpdateInferenceComponentRuntimeConfig,
    request_type,
)
from icplan.spec.parse import parse, parse_partially, parse_shape
from icplan.spec.problems import FieldProblem, FieldRule
from icplan.spec.redact import REDACTED, redact, redact_text

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
