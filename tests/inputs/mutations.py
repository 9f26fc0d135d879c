"""Documents that are almost right: a valid one with parts of it replaced, dropped or doubled."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        2**70,
        1.5,
        "",
        "x",
        "${A}${B.C}",
        "{{resolve:ssm:/x}}",
        [],
        {},
        [[]],
        {"": ""},
        {"Ref": "AWS::NoValue"},
        {"Ref": "Loop"},
        {"Ref": 3},
        {"Fn::GetAtt": ["Loop", "Name"]},
        {"Fn::GetAtt": "Fleet.EndpointConfigName"},
        {"Fn::Sub": ["${x}", {"x": {"Ref": "Nothing"}}]},
        {"Fn::Join": ["", [{"Ref": "AWS::StackName"}, "-x"]]},
        {"Fn::Select": ["0", {"Fn::Split": [",", "a,b"]}]},
        {"Fn::Select": [9, []]},
        {"Fn::If": ["No", 1, 2]},
        {"Fn::FindInMap": ["M", "a", "b", {"DefaultValue": 3}]},
        {"Fn::ImportValue": {"Fn::Sub": "${AWS::StackName}-x"}},
        {"Fn::Transform": {"Name": "X"}},
        ["var.x", "module.y.z", "aws_sagemaker_endpoint.this.name"],
        'module.a["b"].aws_sagemaker_endpoint.x[0]',
    ]
)


def steps_of(value: Any) -> list[tuple[Any, ...]]:
    """The steps to every part of a document."""
    found: list[tuple[Any, ...]] = []
    waiting: list[tuple[tuple[Any, ...], Any]] = [((), value)]
    while waiting:
        at, part = waiting.pop()
        found.append(at)
        pairs = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
        waiting += [((*at, step), child) for step, child in pairs]
    return found


@st.composite
def mutated(draw: st.DrawFn, document: Any) -> Any:
    """The document with up to six of its parts changed."""
    value = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 6))):
        places = [at for at in steps_of(value) if at]
        if not places:
            break
        *above, last = draw(st.sampled_from(places))
        holder = value
        for step in above:
            holder = holder[step]
        what = draw(st.integers(0, 3))
        if what == 0:
            del holder[last]
        elif what == 1 and isinstance(holder, dict):
            holder[draw(st.sampled_from(["Ref", "Fn::If", "Type", "Loop", "name", "kind"]))] = holder.pop(
                last
            )
        else:
            holder[last] = copy.deepcopy(draw(ODD))
    return value
