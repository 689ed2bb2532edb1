"""Replication configurations: where the replication servers go. What they name must be in the region and in one VPC."""

from __future__ import annotations

from rehearsal.cloudendure.demo import build_default_configuration
from rehearsal.cloudendure.exceptions import ApiError
from rehearsal.cloudendure.models import find
from rehearsal.cloudendure.requests import read_fields, read_strings
from rehearsal.cloudendure.responses import Json, generate_id
from rehearsal.replication_engine.cloud import Cloud, CloudError
from rehearsal.settings import REGION

TYPES: dict[str, type] = {key: type(value) for key, value in build_default_configuration().items()}
TYPES |= dict.fromkeys(("cloudCredentials", "zone", "subnetHostProject", "computeLocationId", "logicalLocationId"), str)


def merge_configuration(current: Json | None, body: object, cloud: Cloud) -> Json:
    """Return the new record, checked. Raises ApiError 400 (subnet, group, region), 422. It calls the cloud: do not hold a lock."""
    wanted = read_fields(body, required={}, optional=TYPES)
    base = current or {**build_default_configuration(), "id": generate_id()}
    configuration = {**base, **wanted, "id": base["id"]}
    read_strings(configuration, "replicatorSecurityGroupIDs")
    for tag in configuration["replicationTags"]:
        read_fields(tag, required={"key": str, "value": str})
    if configuration["region"] != REGION:
        raise ApiError(400, f"region: {configuration['region']} is not a region of the project's cloud")
    try:
        cloud.check_network(configuration["subnetId"], configuration["replicatorSecurityGroupIDs"])
    except CloudError as error:
        raise ApiError(400, str(error)) from error
    return configuration


def copy_configuration(state: Json, id_: str) -> Json:
    """Return a copy of a record. Raises ApiError 404."""
    return dict(find(state, "configurations", id_))
