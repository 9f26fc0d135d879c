"""Whether something that is not read speaks of inference components, so that it may make or change one."""

from __future__ import annotations

import re
from typing import Any, Final

from icplan.inputs.parts import all_text, texts_of

_WORDS = ("inferencecomponent", "inference-component", "inference_component")
_READS: Final = re.compile(
    r"sagemaker\.amazonaws\.com|sagemaker:(?:Invoke|Describe|List|Get|BatchGet|Search)[A-Za-z*]*",
    re.IGNORECASE,
)
"""What speaks of SageMaker and changes nothing: who takes a role, and what only reads."""


def says_component(value: Any) -> bool:
    """Whether texts of a value, names of members among them, speak of one; also when put together."""
    text = all_text(value).casefold()
    return any(word in text for word in _WORDS)


def says_service(value: Any) -> bool:
    """Whether texts of a value speak of SageMaker as what changes something there does."""
    text = "".join(_READS.sub("", one) for one in texts_of(value)).casefold()
    return "sagemaker" in text or any(word in text for word in _WORDS)
