"""Small endpoints, and changes that may well not fit on them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from support.endpoints import GPU4, component, create, scale, snapshot, update

QUOTA = {"QuotaName": f"{GPU4} for endpoint usage", "QuotaCode": "L-65C4BD00"}


@st.composite
def question(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A small endpoint, some of it in motion or failed, and a call that may well not fit."""
    quotas = draw(st.sampled_from([None, 2, 3]))
    status = st.sampled_from(["InService", "InService", "Failed", "Updating", "Deleting"])
    other = component("b", draw(st.integers(1, 3)), 1, InferenceComponentStatus=draw(status))
    taken = snapshot(
        GPU4,
        draw(st.integers(2, 3)),
        component("a", draw(st.integers(1, 4)), 1),
        other,
        scaling=draw(st.sampled_from([None, (1, 3)])),
        **({} if quotas is None else {"Quotas": [QUOTA | {"Value": quotas}], "InstancesInUse": {GPU4: 2}}),
    )
    kind = draw(st.sampled_from(["update", "rolling", "scale", "create"]))
    if kind == "scale":
        request, operation = scale("a", draw(st.integers(4, 9))), "UpdateInferenceComponentRuntimeConfig"
    elif kind == "create":
        request, operation = create("c", draw(st.integers(1, 3)), draw(st.integers(1, 4))), "Create"
        operation = "CreateInferenceComponent"
    else:
        request, operation = update("a", 1 if kind == "rolling" else None), "UpdateInferenceComponent"
    return taken, {"Operation": operation, "Request": request}
