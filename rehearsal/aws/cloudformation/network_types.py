"""AWS::EC2::EIP, EIPAssociation, NatGateway, SecurityGroupIngress, SecurityGroupEgress, VPCPeeringConnection, and checks of those of ministack."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.clients import ignore_missing
from rehearsal.aws.cloud import Cloud
from rehearsal.aws.cloudformation.gateway_types import GatewayChecks, TransitGatewayTypes
from rehearsal.aws.cloudformation.properties import (
    convert_properties,
    find_changed,
    format_tag_specifications,
    require_emulated,
)
from rehearsal.aws.registry import Properties, Resource

_RULE = ("IpProtocol", "FromPort", "ToPort")
# What changes what the packet filter must hold; ministack makes these types itself.
RECORDS = (
    "AWS::EC2::Route",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCGatewayAttachment",
)


class NetworkTypes:
    """Made through the same API as everybody uses."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        register = cloud.registry.register_type
        register(
            "AWS::EC2::EIP", create=self.create_address, update=self.update_address, delete=self.release, tags=True
        )
        register("AWS::EC2::EIPAssociation", create=self.associate, delete=self.disassociate)
        register(
            "AWS::EC2::NatGateway",
            create=self.create_nat_gateway,
            update=self.update_nat_gateway,
            delete=self.remove_nat_gateway,
            tags=True,
        )
        register("AWS::EC2::SecurityGroupIngress", create=self.create_ingress, delete=self.remove_ingress)
        register("AWS::EC2::SecurityGroupEgress", create=self.create_egress, delete=self.remove_egress)
        register(
            "AWS::EC2::VPCPeeringConnection",
            create=self.create_peering,
            update=self.update_peering,
            delete=self.remove_peering,
            tags=True,
        )
        TransitGatewayTypes(cloud)
        checks = GatewayChecks(cloud.registry, cloud.clients).by_type
        for kind in RECORDS:
            cloud.registry.wrap_type(
                kind, before=checks.get(kind), after=self._apply_records, gone=lambda _: cloud.apply()
            )
        cloud.registry.wrap_type("AWS::EC2::VPC", after=lambda _, new: {"CidrBlock": new["CidrBlock"]})

    @property
    def _ec2(self) -> Any:
        return self._cloud.clients("ec2")

    def _apply_records(self, _identifier: str, _properties: Properties) -> dict[str, Any]:
        self._cloud.apply()
        return {}

    def create_address(self, _logical_id: str, properties: Properties, _stack: str) -> Resource:
        """Create AWS::EC2::EIP."""
        require_emulated("AWS::EC2::EIP", properties, ("Domain", "InstanceId", "Tags"))
        tags = format_tag_specifications("elastic-ip", properties)
        made = self._ec2.allocate_address(Domain="vpc", TagSpecifications=tags)
        if instance := properties.get("InstanceId"):
            self._ec2.associate_address(AllocationId=made["AllocationId"], InstanceId=instance)
        return made["PublicIp"], {"AllocationId": made["AllocationId"], "PublicIp": made["PublicIp"]}

    def update_address(self, identifier: str, old: Properties, new: Properties, stack: str) -> Resource:
        """Change its tags."""
        if find_changed(old, new) != {"Tags"}:
            return self.create_address("", new, stack)
        found = self._ec2.describe_addresses(PublicIps=[identifier])["Addresses"][0]
        self._retag(found["AllocationId"], new)
        return identifier, {"AllocationId": found["AllocationId"], "PublicIp": identifier}

    def release(self, identifier: str, _properties: Properties) -> None:
        """Delete it."""
        for found in self._ec2.describe_addresses(PublicIps=[identifier])["Addresses"]:
            if "AssociationId" in found:
                self._ec2.disassociate_address(AssociationId=found["AssociationId"])
            self._ec2.release_address(AllocationId=found["AllocationId"])

    def associate(self, _logical_id: str, properties: Properties, _stack: str) -> Resource:
        """Create AWS::EC2::EIPAssociation."""
        require_emulated("AWS::EC2::EIPAssociation", properties, ("AllocationId", "InstanceId"))
        id_ = self._ec2.associate_address(**properties)["AssociationId"]
        return id_, {"Id": id_}

    def disassociate(self, identifier: str, _properties: Properties) -> None:
        """Delete it."""
        with ignore_missing("InvalidAssociationID.NotFound"):
            self._ec2.disassociate_address(AssociationId=identifier)

    def create_nat_gateway(self, _logical_id: str, properties: Properties, _stack: str) -> Resource:
        """Create AWS::EC2::NatGateway."""
        require_emulated("AWS::EC2::NatGateway", properties, ("SubnetId", "AllocationId", "ConnectivityType", "Tags"))
        request = {k: v for k, v in properties.items() if k != "Tags"}
        tags = format_tag_specifications("natgateway", properties)
        made = self._ec2.create_nat_gateway(**request, TagSpecifications=tags)["NatGateway"]
        return made["NatGatewayId"], {"NatGatewayId": made["NatGatewayId"]}

    def update_nat_gateway(self, identifier: str, old: Properties, new: Properties, stack: str) -> Resource:
        """Change its tags."""
        if find_changed(old, new) != {"Tags"}:
            return self.create_nat_gateway("", new, stack)
        self._retag(identifier, new)
        return identifier, {"NatGatewayId": identifier}

    def remove_nat_gateway(self, identifier: str, _properties: Properties) -> None:
        """Delete it."""
        with ignore_missing("NatGatewayNotFound"):
            self._ec2.delete_nat_gateway(NatGatewayId=identifier)

    def create_ingress(self, _logical_id: str, properties: Properties, _stack: str) -> Resource:
        """Create AWS::EC2::SecurityGroupIngress."""
        return self._create_rule("Ingress", "Source", properties)

    def create_egress(self, _logical_id: str, properties: Properties, _stack: str) -> Resource:
        """Create AWS::EC2::SecurityGroupEgress."""
        return self._create_rule("Egress", "Destination", properties)

    def remove_ingress(self, identifier: str, properties: Properties) -> None:
        """Delete a rule for incoming packets."""
        with ignore_missing("InvalidSecurityGroupRuleId.NotFound", "InvalidGroup.NotFound"):
            self._ec2.revoke_security_group_ingress(GroupId=properties["GroupId"], SecurityGroupRuleIds=[identifier])

    def remove_egress(self, identifier: str, properties: Properties) -> None:
        """Delete a rule for outgoing packets."""
        with ignore_missing("InvalidSecurityGroupRuleId.NotFound", "InvalidGroup.NotFound"):
            self._ec2.revoke_security_group_egress(GroupId=properties["GroupId"], SecurityGroupRuleIds=[identifier])

    def create_peering(self, _logical_id: str, properties: Properties, _stack: str) -> Resource:
        """Create AWS::EC2::VPCPeeringConnection."""
        require_emulated("AWS::EC2::VPCPeeringConnection", properties, ("VpcId", "PeerVpcId", "Tags"))
        made = self._ec2.create_vpc_peering_connection(
            VpcId=properties["VpcId"],
            PeerVpcId=properties["PeerVpcId"],
            TagSpecifications=format_tag_specifications("vpc-peering-connection", properties),
        )["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        # Both VPCs are in one account and region: CloudFormation accepts by itself.
        self._ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=made)
        return made, {"Id": made}

    def update_peering(self, identifier: str, old: Properties, new: Properties, stack: str) -> Resource:
        """Change its tags."""
        if find_changed(old, new) != {"Tags"}:
            return self.create_peering("", new, stack)
        self._retag(identifier, new)
        return identifier, {"Id": identifier}

    def remove_peering(self, identifier: str, _properties: Properties) -> None:
        """Delete it."""
        with ignore_missing("InvalidVpcPeeringConnectionID.NotFound"):
            self._ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=identifier)

    def _retag(self, identifier: str, properties: Properties) -> None:
        """Replace the resource's tags by those of the template."""
        self._cloud.tags.drop(identifier)
        for specification in format_tag_specifications("any", properties):
            self._ec2.create_tags(Resources=[identifier], Tags=specification["Tags"])

    def _create_rule(self, side: str, other: str, properties: Properties) -> Resource:
        kind = f"AWS::EC2::SecurityGroup{side}"
        require_emulated(
            kind, properties, ("GroupId", *_RULE, "CidrIp", "CidrIpv6", f"{other}SecurityGroupId", "Description")
        )
        description = {"Description": properties["Description"]} if properties.get("Description") else {}
        rule: dict[str, Any] = {key: properties[key] for key in _RULE if key in properties}
        if group := properties.get(f"{other}SecurityGroupId"):
            rule["UserIdGroupPairs"] = [{"GroupId": group, **description}]
        elif "CidrIpv6" in properties:
            rule["Ipv6Ranges"] = [{"CidrIpv6": properties["CidrIpv6"], **description}]
        else:
            rule["IpRanges"] = [{"CidrIp": properties["CidrIp"], **description}]
        action = f"AuthorizeSecurityGroup{side}"
        request = convert_properties("ec2", action, {"GroupId": properties["GroupId"], "IpPermissions": [rule]})
        call = getattr(self._ec2, f"authorize_security_group_{side.lower()}")
        made = call(**request)["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        return made, {"Id": made}
