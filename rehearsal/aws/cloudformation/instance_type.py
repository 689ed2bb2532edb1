"""Handlers of the resource type AWS::EC2::Instance. A resource is complete when its machine has booted."""

from __future__ import annotations

from botocore import xform_name

from rehearsal.aws.clients import ignore_missing
from rehearsal.aws.cloud import Cloud
from rehearsal.aws.cloudformation.properties import (
    convert_properties,
    find_changed,
    format_tag_specifications,
    require_emulated,
)
from rehearsal.aws.ec2.models import Instance
from rehearsal.aws.ec2.responses.instances import format_private_name, format_public_name
from rehearsal.aws.exceptions import NotEmulated
from rehearsal.aws.registry import Properties, Resource
from rehearsal.settings import REGION

KIND = "AWS::EC2::Instance"
WAIT_SECONDS = 300.0
_SAME = [
    "ImageId",
    "InstanceType",
    "SubnetId",
    "SecurityGroupIds",
    "PrivateIpAddress",
    "NetworkInterfaces",
    "UserData",
    "KeyName",
    "BlockDeviceMappings",
    "EbsOptimized",
    "DisableApiTermination",
    "MetadataOptions",
    "LaunchTemplate",
]
_OTHERS = ("IamInstanceProfile", "AvailabilityZone", "Tags", "Monitoring", "PropagateTagsToVolumeOnCreation")
_IN_PLACE = {"Tags", "SecurityGroupIds", "DisableApiTermination"}
_REPLACING = {
    "ImageId",
    "SubnetId",
    "PrivateIpAddress",
    "NetworkInterfaces",
    "KeyName",
    "BlockDeviceMappings",
    "AvailabilityZone",
    "LaunchTemplate",
}


class InstanceType:
    """Create, update and delete an AWS::EC2::Instance through the API of EC2."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        cloud.registry.register_type(KIND, create=self.create, update=self.update, delete=self.delete, tags=True)

    def create(self, _logical_id: str, properties: Properties, _stack: str) -> Resource:
        """Start an instance. Return when it runs."""
        require_emulated(KIND, properties, (*_SAME, *_OTHERS))
        request = {key: properties[key] for key in _SAME if key in properties}
        request["TagSpecifications"] = format_tag_specifications("instance", properties)
        if str(properties.get("PropagateTagsToVolumeOnCreation", "")).lower() == "true":
            request["TagSpecifications"] += format_tag_specifications("volume", properties)
        if profile := properties.get("IamInstanceProfile"):
            request["IamInstanceProfile"] = {"Name": profile.rpartition("/")[2]}
        if "Monitoring" in properties:
            request["Monitoring"] = {"Enabled": properties["Monitoring"]}
        request |= {"MinCount": 1, "MaxCount": 1}
        encoded = request.pop("UserData", None)  # boto3 would encode it once more
        call = convert_properties("ec2", "RunInstances", request)
        if encoded:
            call["UserData"] = encoded
        instance = self._run(call)
        self._cloud.instances.wait(instance.id, {"running"}, WAIT_SECONDS)
        return instance.id, _format_attributes(instance)

    def update(self, identifier: str, old: Properties, new: Properties, stack: str) -> Resource:
        """Change an instance in place, or create another one where CloudFormation replaces it. Raises NotEmulated."""
        what = find_changed(old, new)
        if what & _REPLACING:
            return self.create("", new, stack)
        if what - _IN_PLACE:
            raise NotEmulated(f"an update of {', '.join(sorted(what - _IN_PLACE))} of {KIND} {identifier}")
        ec2 = self._cloud.clients("ec2")
        if "Tags" in what:
            now = {tag["Key"]: str(tag["Value"]) for tag in new.get("Tags", [])}
            gone = {tag["Key"] for tag in old.get("Tags", [])} - now.keys()
            ec2.create_tags(Resources=[identifier], Tags=[{"Key": k, "Value": v} for k, v in now.items()])
            if gone:
                ec2.delete_tags(Resources=[identifier], Tags=[{"Key": key} for key in gone])
        if "SecurityGroupIds" in what:
            ec2.modify_instance_attribute(InstanceId=identifier, Groups=new["SecurityGroupIds"])
        if "DisableApiTermination" in what:
            protected = str(new.get("DisableApiTermination", False)).lower() == "true"
            ec2.modify_instance_attribute(InstanceId=identifier, DisableApiTermination={"Value": protected})
        return identifier, _format_attributes(self._cloud.instances.get(identifier))

    def delete(self, identifier: str, _properties: Properties) -> None:
        """Terminate the instance. Return when it is terminated."""
        with ignore_missing("InvalidInstanceID.NotFound"):
            self._cloud.clients("ec2").terminate_instances(InstanceIds=[identifier])
            self._cloud.instances.wait(identifier, {"terminated"}, WAIT_SECONDS)

    def _run(self, call: Properties) -> Instance:
        request = {xform_name(key): value for key, value in call.items()}
        request.pop("min_count")
        return self._cloud.instance_api.launch(request.pop("max_count"), **request)[0]


def _format_attributes(instance: Instance) -> dict[str, str]:
    place = instance.endpoint
    return {
        "InstanceId": instance.id,
        "PrivateIp": place.ip,
        "PublicIp": place.public_ip or "",
        "PrivateDnsName": format_private_name(place.ip),
        "PublicDnsName": format_public_name(place.public_ip) if place.public_ip else "",
        "AvailabilityZone": place.zone or f"{REGION}a",
        "VpcId": place.vpc_id,
        "VolumeId": instance.volume_id,
    }
