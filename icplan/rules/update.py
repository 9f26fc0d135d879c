"""What the merge of a request over the described component shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.verdict.verdict import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.requests.merge import EffectiveSpec


def merge_findings(
    operation: str, request: Mapping[str, Any], path: str, spec: EffectiveSpec
) -> Iterator[Finding]:
    """Members left out, what may be taken over, and an update that changes nothing.

    ``path`` is the JSON path of the request.
    """
    compute = [at for at in spec.omitted if ".ComputeResourceRequirements" in at]
    if compute:
        names = list(dict.fromkeys(at.rpartition(".")[2] for at in compute))
        message = (
            f"leaves out {' and '.join(names)}, which the component has now; no documentation says "
            "whether SageMaker keeps the value"
        )
        yield Finding("ICP403", Severity.WARNING, message, path=compute[0].rpartition(".")[0])
    for at in spec.ambiguous:
        message = (
            "does not say all that a copy reserves, and what the component has is of another form, or for "
            "other instance types; no documentation says what SageMaker takes over. It is judged as if all "
            "were, and nothing is promised"
        )
        yield Finding("ICP317", Severity.WARNING, message, path=at)
    given = [name for name in ("Specification", "Specifications") if name in request]
    if operation == "UpdateInferenceComponent" and given and not spec.specification_changed:
        message = (
            "the specification is what the component has already; whether that replaces copies is not told"
        )
        yield Finding("ICP404", Severity.NOTE, message, path=f"{path}.{given[0]}")
