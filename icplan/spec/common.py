"""Field rules and shapes that several structures share."""

from __future__ import annotations

import attrs

from icplan.spec.fields import Integer, ListOf, Shape, Struct, Text, member
from icplan.spec.instance_types import INSTANCE_TYPES

COMPONENT_NAME = Text(max_length=63, pattern=r"[a-zA-Z0-9]([\-a-zA-Z0-9]*[a-zA-Z0-9])?")
ENDPOINT_NAME = Text(max_length=63, pattern="[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
URL = Text(max_length=1024, pattern="(https|s3)://([^/]+)/?(.*)")
S3_URI = Text(max_length=512, pattern="(https|s3)://([^/])/?(.*)")
KMS_KEY = Text(max_length=2048, pattern="[a-zA-Z0-9:/_-]*")
PARTITION_TYPE = Text(max_length=32, pattern=r"mig-[0-9]+g\.[0-9]+gb([+-][a-z0-9.]+)*")
STARTUP_TIMEOUT = Integer(minimum=60, maximum=3600)
CONTENT_TYPE = Text(
    min_length=1, max_length=256, pattern=r"[a-zA-Z0-9](-*[a-zA-Z0-9])*\/[a-zA-Z0-9](-*[a-zA-Z0-9.])*"
)
CLARIFY_TEXT = Text(min_length=1, max_length=64, pattern=".*")
SNS_TOPIC = Text(max_length=2048, pattern=r"arn:aws[a-z\-]*:sns:[a-z0-9\-]*:[0-9]{12}:[a-zA-Z0-9_.-]+")
NETWORK_ID = Text(max_length=32, pattern="[-0-9a-zA-Z]+")
INSTANCE_TYPE = Text(choices=INSTANCE_TYPES, open_choices=True)
"""Open: AWS adds types between releases of icplan, and a catalog overlay may know one already."""

_TAG_PATTERN = r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)"


@attrs.frozen(kw_only=True)
class Tag(Shape):
    """A tag of the resource."""

    key: str = member("Key", Text(min_length=1, max_length=128, pattern=_TAG_PATTERN), required=True)
    value: str = member("Value", Text(max_length=256, pattern=_TAG_PATTERN), required=True)


TAGS = ListOf(item=Struct(Tag), max_size=50)
