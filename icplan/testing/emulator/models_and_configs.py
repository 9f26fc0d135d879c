"""What has a name and is only kept: models and endpoint configurations, and the tags of everything."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from icplan.testing.emulator.pages import numbered, page, select, sorted_as_asked
from icplan.testing.emulator.sagemaker_texts import (
    ALREADY_EXISTS,
    NO_SCALE_TO_ZERO,
    NO_TAGGED_RESOURCE,
    NOT_FOUND,
    ROLE_REQUIRED,
    SCALING_WITH_MODEL,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.testing.emulator.region import Region

_TAG_PAGE: Final = 50
_BY_NAME: Final = "Name"


def require_new(kind: str, arn: str, *, there: bool) -> None:
    """Refuse what is there already."""
    if there:
        raise ALREADY_EXISTS.error(kind=kind, arn=arn)


class Models:
    """Models: taken as they come, since nothing is run from them."""

    def __init__(self, region: Region) -> None:
        self._region = region

    def create_model(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a model."""
        name = params["ModelName"]
        arn = self._region.arn("model", name)
        require_new("model", arn, there=name in self._region.models)
        kept = {key: copy.deepcopy(value) for key, value in params.items() if key != "Tags"}
        self._region.models[name] = kept | {"ModelArn": arn, "CreationTime": self._region.clock.now}
        keep_tags(self._region, arn, params)
        return {"ModelArn": arn}

    def describe_model(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The model as it was created."""
        return self._find(params)

    def list_models(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """One page of models."""
        members = ("ModelName", "ModelArn", "CreationTime")
        return page(
            "Models",
            select(self._region.models.values(), params, {}, members[0]),
            members[0],
            members,
            params,
        )

    def delete_model(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Forget it; what runs goes on."""
        model = self._find(params)
        del self._region.models[model["ModelName"]]
        self._region.tags.pop(model["ModelArn"], None)
        return {}

    def _find(self, params: Mapping[str, Any]) -> dict[str, Any]:
        found = self._region.models.get(params["ModelName"])
        if found is None:
            raise NOT_FOUND.error(kind="model", arn=self._region.arn("model", params["ModelName"]))
        return found


def images_of_model(model: Mapping[str, Any]) -> Iterator[str]:
    """The images that a model's containers are made from."""
    for container in (model.get("PrimaryContainer", {}), *model.get("Containers", ())):
        if "Image" in container:
            yield container["Image"]


class EndpointConfigs:
    """Endpoint configurations: immutable once made."""

    def __init__(self, region: Region) -> None:
        self._region = region

    def create_endpoint_config(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a configuration, if SageMaker would take it."""
        name = params["EndpointConfigName"]
        arn = self._region.arn("endpoint-config", name)
        require_new("endpoint configuration", arn, there=name in self._region.configs)
        for variant in params["ProductionVariants"]:
            self._check(params, variant)
        kept = {key: copy.deepcopy(value) for key, value in params.items() if key != "Tags"}
        for variant in (*kept["ProductionVariants"], *kept.get("ShadowProductionVariants", ())):
            variant.setdefault("InitialVariantWeight", 1.0)
        self._region.configs[name] = kept | {"EndpointConfigArn": arn, "CreationTime": self._region.clock.now}
        keep_tags(self._region, arn, params)
        return {"EndpointConfigArn": arn}

    def _check(self, params: Mapping[str, Any], variant: Mapping[str, Any]) -> None:
        scaling = variant.get("ManagedInstanceScaling", {})
        if (
            "ModelName" not in variant
            and "ServerlessConfig" not in variant
            and "ExecutionRoleArn" not in params
        ):
            raise ROLE_REQUIRED.error()
        if "ModelName" in variant:
            if scaling.get("Status") == "ENABLED":
                raise SCALING_WITH_MODEL.error()
            model = variant["ModelName"]
            if model not in self._region.models:
                raise NOT_FOUND.error(kind="model", arn=self._region.arn("model", model))
        if (
            scaling.get("Status") == "ENABLED"
            and scaling.get("MinInstanceCount") == 0
            and not self._region.behaviour.scale_to_zero
        ):
            raise NO_SCALE_TO_ZERO.error()

    def describe_endpoint_config(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The configuration as it was created."""
        return self._find(params)

    def list_endpoint_configs(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """One page of configurations."""
        members = ("EndpointConfigName", "EndpointConfigArn", "CreationTime")
        found = select(self._region.configs.values(), params, {}, members[0])
        found = sorted_as_asked(found, params, {_BY_NAME: lambda one: one[members[0]]})
        return page("EndpointConfigs", found, members[0], members, params)

    def delete_endpoint_config(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Forget it, even while an endpoint runs by it, as AWS does."""
        config = self._find(params)
        del self._region.configs[config["EndpointConfigName"]]
        self._region.tags.pop(config["EndpointConfigArn"], None)
        return {}

    def _find(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return find_config(self._region, params["EndpointConfigName"])


def find_config(region: Region, name: str) -> dict[str, Any]:
    """An endpoint configuration. Raises ServiceError for one that is not there."""
    found = region.configs.get(name)
    if found is None:
        raise NOT_FOUND.error(kind="endpoint configuration", arn=region.arn("endpoint-config", name))
    return found


def keep_tags(region: Region, arn: str, params: Mapping[str, Any]) -> None:
    """Keep the tags of a request that makes something."""
    for tag in params.get("Tags", ()):
        region.tags.setdefault(arn, {})[tag["Key"]] = tag["Value"]


class Tags:
    """Tags of models, configurations, endpoints and components."""

    def __init__(self, region: Region) -> None:
        self._region = region

    def add_tags(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Add tags, or change the values of those that are there."""
        arn = self._known(params)
        keep_tags(self._region, arn, params)
        return {"Tags": self._shown(arn)}

    def list_tags(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """One page of tags."""
        return numbered("Tags", self._shown(self._known(params)), params, _TAG_PAGE)

    def delete_tags(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Take tags away."""
        tags = self._region.tags.get(self._known(params), {})
        for key in params["TagKeys"]:
            tags.pop(key, None)
        return {}

    def _shown(self, arn: str) -> list[dict[str, Any]]:
        return [{"Key": key, "Value": value} for key, value in self._region.tags.get(arn, {}).items()]

    def _known(self, params: Mapping[str, Any]) -> str:
        """The ARN, if it is of something that is there."""
        arn: str = params["ResourceArn"]
        region = self._region
        there = {
            *(one["ModelArn"] for one in region.models.values()),
            *(one["EndpointConfigArn"] for one in region.configs.values()),
            *(one.arn for one in region.endpoints.values()),
            *(one.arn for one in region.components.values()),
        }
        if arn not in there:
            raise NO_TAGGED_RESOURCE.error(arn=arn)
        return arn
