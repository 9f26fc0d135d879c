"""Structures that several requests share: names, instance types, tags."""

from __future__ import annotations

from icplan.requests.fields import Integer, ListOf, Shape, Struct, Text, member
from icplan.values import frozen

_SIZES = """
    ml.c4: large xlarge 2xlarge 4xlarge 8xlarge
    ml.c5: large xlarge 2xlarge 4xlarge 9xlarge 18xlarge
    ml.c5d: large xlarge 2xlarge 4xlarge 9xlarge 18xlarge
    ml.c6g: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    ml.c6gd: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    ml.c6gn: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    ml.c6i: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge
    ml.c6in: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge
    ml.c7g: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    ml.c7i: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    ml.c8g: medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    ml.dl1: 24xlarge
    ml.g4dn: xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    ml.g5: xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    ml.g6: xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    ml.g6e: xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    ml.g7: 2xlarge 4xlarge 8xlarge 12xlarge 24xlarge 48xlarge
    ml.g7e: 2xlarge 4xlarge 8xlarge 12xlarge 24xlarge 48xlarge
    ml.inf1: xlarge 2xlarge 6xlarge 24xlarge
    ml.inf2: xlarge 8xlarge 24xlarge 48xlarge
    ml.m4: xlarge 2xlarge 4xlarge 10xlarge 16xlarge
    ml.m5: large xlarge 2xlarge 4xlarge 12xlarge 24xlarge
    ml.m5d: large xlarge 2xlarge 4xlarge 12xlarge 24xlarge
    ml.m6g: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    ml.m6gd: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    ml.m6i: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge
    ml.m7i: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    ml.m8g: medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    ml.p2: xlarge 8xlarge 16xlarge
    ml.p3: 2xlarge 8xlarge 16xlarge
    ml.p4d: 24xlarge
    ml.p4de: 24xlarge
    ml.p5: 48xlarge 4xlarge
    ml.p5e: 48xlarge
    ml.p5en: 48xlarge
    ml.p6-b200: 48xlarge
    ml.p6-b300: 48xlarge
    ml.p6e-gb200: 36xlarge
    ml.r5: large xlarge 2xlarge 4xlarge 12xlarge 24xlarge
    ml.r5d: large xlarge 2xlarge 4xlarge 12xlarge 24xlarge
    ml.r6g: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    ml.r6gd: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    ml.r6i: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge
    ml.r7gd: medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    ml.r7i: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    ml.r8g: medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    ml.t2: medium large xlarge 2xlarge
    ml.trn1: 2xlarge 32xlarge
    ml.trn1n: 32xlarge
    ml.trn2: 48xlarge
"""


def _expand() -> tuple[str, ...]:
    lines = (line.split(":") for line in _SIZES.strip().splitlines())
    return tuple(f"{family.strip()}.{size}" for family, sizes in lines for size in sizes.split())


INSTANCE_TYPES = _expand()


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


@frozen(kw_only=True)
class Tag(Shape):
    """A tag of the resource."""

    key: str = member("Key", Text(min_length=1, max_length=128, pattern=_TAG_PATTERN), required=True)
    value: str = member("Value", Text(max_length=256, pattern=_TAG_PATTERN), required=True)


TAGS = ListOf(item=Struct(Tag), max_size=50)
