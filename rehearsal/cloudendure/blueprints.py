"""Blueprints: how a machine is to be launched. A PATCH replaces what it names, and drops the disks that it does not list."""

from __future__ import annotations

from rehearsal.cloudendure.exceptions import ApiError
from rehearsal.cloudendure.models import build_blueprint, find
from rehearsal.cloudendure.requests import read_fields, read_strings
from rehearsal.cloudendure.responses import Json
from rehearsal.replication_engine.cloud import Cloud, CloudError, Target

WRITABLE: dict[str, type] = {
    "instanceType": str,
    "subnetIDs": list,
    "securityGroupIDs": list,
    "privateIPAction": str,
    "privateIPs": list,
    "publicIPAction": str,
    "iamRole": str,
    "placementGroup": str,
    "runAfterLaunch": bool,
    "tags": list,
    "disks": list,
    "tenancy": str,
    "dedicatedHostIdentifier": str,
    "byolOnDedicatedInstance": bool,
    "networkInterface": str,
    "securityGroupAction": str,
    "staticIpAction": str,
    "staticIp": str,
    "forceUEFI": bool,
}
FIXED: dict[str, type] = {
    "id": str,
    "machineId": str,
    "machineName": str,
    "region": str,
    "recommendedInstanceType": str,
    "recommendedPrivateIP": str,
}
"""The console's own; taken when a client sends the whole blueprint back, and left as they are."""
OF_OTHER_CLOUDS: dict[str, type] = {
    "cpus": int,
    "mbRam": int,
    "coresPerCpu": int,
    "scsiAdapterType": str,
    "networkAdapterType": str,
    "computeLocationId": str,
    "logicalLocationId": str,
    "subnetsHostProject": str,
    "useSharedRam": bool,
}
"""vCenter's and GCP's: taken, without effect"""
KNOWN = {**WRITABLE, **FIXED, **OF_OTHER_CLOUDS}
PRIVATE_IP = ("CREATE_NEW", "CUSTOM_IP", "COPY_ORIGIN", "USE_NETWORK_INTERFACE")
STATIC_IP = ("DONT_CREATE", "CREATE_NEW", "EXISTING", "IF_IN_ORIGIN")
TENANCY = ("SHARED", "DEDICATED", "HOST")
LAUNCHABLE = {"tenancy": ("SHARED",), "staticIpAction": ("DONT_CREATE",), "privateIPAction": PRIVATE_IP[:3]}
"""the properties of a blueprint that a launch supports here"""
PUBLIC_IP = {"ALLOCATE": True, "DONT_ALLOCATE": False, "AS_SUBNET": None}
DISK_TYPES = ("COPY_ORIGIN", "STANDARD", "SSD", "PROVISIONED_SSD", "ST1", "SC1")


def create(state: Json, body: object) -> Json:
    """Create a blueprint. Raises ApiError 404 (machine), 409 (it has one), 422."""
    wanted = read_fields(_drop_nulls(body), required={"machineId": str}, optional=KNOWN)
    machine = find(state, "machines", wanted["machineId"])
    if any(blueprint["machineId"] == machine["id"] for blueprint in state["blueprints"].values()):
        raise ApiError(409, f"machine {machine['id']} has a blueprint already")
    blueprint = build_blueprint(machine)
    _write(blueprint, wanted)
    state["blueprints"][blueprint["id"]] = blueprint
    return blueprint


def patch(state: Json, id_: str, body: object) -> Json:
    """Change a blueprint. Raises ApiError 404, 422."""
    blueprint: Json = find(state, "blueprints", id_)
    _write(blueprint, {"disks": [], **read_fields(_drop_nulls(body), required={}, optional=KNOWN)})
    return blueprint


def build_target(state: Json, machine: str, cloud: Cloud) -> Target:
    """Return what to start for this machine. Raises CloudError when the blueprint cannot be launched."""
    blueprint = next((b for b in state["blueprints"].values() if b["machineId"] == machine), None)
    if blueprint is None:
        raise CloudError("The machine has no blueprint")
    source = state["machines"][machine]["sourceProperties"]
    names = {disk["name"] for disk in blueprint["disks"]}
    if missing := [disk["name"] for disk in source["disks"] if disk["name"] not in names]:
        raise CloudError(
            f"The blueprint of {source['name']} has no disk {missing[0]}: the target machine would have no root volume"
        )
    for key, possible in LAUNCHABLE.items():
        if blueprint.get(key, possible[0]) not in possible:
            raise CloudError(
                f"{key} {blueprint[key]} of the blueprint of {source['name']} is not emulated by the rehearsal"
            )
    instance_type, private_ip = blueprint["instanceType"], ""
    if "COPY_ORIGIN" in (instance_type, blueprint["privateIPAction"]):
        origin = cloud.find_instance(source["machineCloudId"])
        if origin is None:
            raise CloudError(f"{source['machineCloudId']} is unknown: type and address cannot be copied from it")
        instance_type = origin.instance_type if instance_type == "COPY_ORIGIN" else instance_type
        private_ip = origin.private_ip if blueprint["privateIPAction"] == "COPY_ORIGIN" else ""
    if blueprint["privateIPAction"] == "CUSTOM_IP":
        private_ip = blueprint["privateIPs"][0]
    return Target(
        name=source["name"],
        instance_type=instance_type,
        subnet=next(iter(blueprint["subnetIDs"]), ""),
        security_groups=tuple(blueprint["securityGroupIDs"]),
        private_ip=private_ip,
        public_ip=PUBLIC_IP[blueprint["publicIPAction"]],
        instance_profile=blueprint["iamRole"],
        placement_group=blueprint["placementGroup"],
        tags={tag["key"]: tag["value"] for tag in blueprint["tags"]},
    )


def _drop_nulls(body: object) -> object:
    """Return the properties without null values, which generated clients send for unchanged properties."""
    return {key: value for key, value in body.items() if value is not None} if isinstance(body, dict) else body


def _write(blueprint: Json, wanted: Json) -> None:
    merged = {**blueprint, **{key: value for key, value in wanted.items() if key in WRITABLE}}
    for key in ("subnetIDs", "securityGroupIDs", "privateIPs"):
        read_strings(merged, key)
    for tag in merged["tags"]:
        read_fields(tag, required={"key": str, "value": str})
    for disk in merged["disks"]:
        read_fields(disk, required={"name": str, "type": str}, optional={"iops": int, "throughput": int})
    choices = {
        "privateIPAction": PRIVATE_IP,
        "publicIPAction": tuple(PUBLIC_IP),
        "staticIpAction": STATIC_IP,
        "tenancy": TENANCY,
    }
    for key, allowed in choices.items():
        if merged.get(key, allowed[0]) not in allowed:
            raise ApiError(422, f"{key}: must be one of {', '.join(allowed)}")
    for disk in merged["disks"]:
        if disk["type"] not in DISK_TYPES:
            raise ApiError(422, f"disks: type must be one of {', '.join(DISK_TYPES)}")
    if merged["privateIPAction"] == "CUSTOM_IP" and not merged["privateIPs"]:
        raise ApiError(422, "privateIPs: is required with privateIPAction CUSTOM_IP")
    blueprint.update(merged)
