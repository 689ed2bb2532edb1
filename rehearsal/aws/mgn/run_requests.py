"""The RunInstances request of a launch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.aws.mgn.launch_templates import RECOMMENDED_TYPE
from rehearsal.aws.mgn.models import Json, SourceServer


def build_run_request(server: SourceServer, job_id: str, image: str, data: Json) -> dict[str, Any]:
    """Return the parameters of RunInstances. The template's default version has all that they do not name.

    Tags of the template win over tags of the server, which `copyTags` adds.
    """
    tags = {
        **(server.tags if server.launch_configuration["copyTags"] else {}),
        **_merge_tags(data, "instance"),
        "mgn.amazonaws.com-job": job_id,
        "mgn.amazonaws.com-source-server": server.id,
    }
    request: dict[str, Any] = {
        "ImageId": image,
        "MinCount": 1,
        "MaxCount": 1,
        "LaunchTemplate": {"LaunchTemplateId": server.launch_template_id, "Version": "$Default"},
        "TagSpecifications": [
            _format_specification("instance", tags),
            _format_specification("volume", _merge_tags(data, "volume")),
        ],
    }
    if server.launch_configuration["targetInstanceTypeRightSizingMethod"] == "BASIC":
        request["InstanceType"] = RECOMMENDED_TYPE
    return request


def _merge_tags(data: Json, kind: str) -> dict[str, str]:
    specifications = [one for one in data.get("TagSpecifications", []) if one["ResourceType"] == kind]
    return {tag["Key"]: tag["Value"] for one in specifications for tag in one["Tags"]}


def _format_specification(kind: str, tags: Mapping[str, str]) -> dict[str, Any]:
    return {"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
