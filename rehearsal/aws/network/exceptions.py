"""Make the errors of EC2 about addresses, subnets, security groups and gateways, by the codes of its API.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

from rehearsal.aws.exceptions import ApiError


def address_outside_of_subnet(address: str) -> ApiError:
    return ApiError("InvalidParameterValue", f"Address {address} does not fall within the subnet's range")


def address_in_use(address: str) -> ApiError:
    return ApiError("InvalidIPAddress.InUse", f"Address {address} is in use.")


def no_free_address(cidr: str) -> ApiError:
    return ApiError("InsufficientFreeAddressesInSubnet", f"{cidr} has no free address left")


def no_free_public_address() -> ApiError:
    return ApiError("AddressLimitExceeded", "The rehearsal's internet has no free address left")


def allocation_not_found(allocation_id: str) -> ApiError:
    return ApiError("InvalidAllocationID.NotFound", f"The allocation ID '{allocation_id}' does not exist")


def allocation_in_use(allocation_id: str) -> ApiError:
    return ApiError("InvalidIPAddress.InUse", f"The address with allocation id {allocation_id} is in use.")


def association_not_found(association_id: str) -> ApiError:
    return ApiError("InvalidAssociationID.NotFound", f"The association ID '{association_id}' does not exist")


def already_associated(allocation_id: str) -> ApiError:
    return ApiError("Resource.AlreadyAssociated", f"Elastic IP address [{allocation_id}] is already associated")


def address_associated(allocation_id: str) -> ApiError:
    return ApiError("Resource.AlreadyAssociated", f"{allocation_id} is associated already")


def subnet_not_found(subnet_id: str) -> ApiError:
    return ApiError("InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist")


def group_not_found(group_id: str) -> ApiError:
    return ApiError("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")


def group_of_another_vpc(group_id: str, vpc_id: str) -> ApiError:
    message = f"Security group {group_id} and subnet belong to different networks."
    return ApiError("InvalidParameter" if vpc_id else "InvalidGroup.NotFound", message)


def duplicate_rule(rule: str) -> ApiError:
    return ApiError("InvalidPermission.Duplicate", f"the specified rule already exists: {rule}")


def rule_not_found() -> ApiError:
    return ApiError("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")


def rule_id_not_found() -> ApiError:
    return ApiError("InvalidSecurityGroupRuleId.NotFound", "Not all of these rules exist")


def missing_permissions() -> ApiError:
    return ApiError("MissingParameter", "The request must contain the parameter ipPermissions")


def rule_without_source() -> ApiError:
    return ApiError("InvalidParameterValue", "A rule needs a CIDR, a prefix list or a group")


def private_gateway() -> ApiError:
    return ApiError("InvalidParameterValue", "Only public NAT gateways are emulated by the rehearsal")


def gateway_not_found(gateway_id: str) -> ApiError:
    return ApiError("NatGatewayNotFound", f"The Nat Gateway {gateway_id} was not found")


def instance_not_found(instance_id: str) -> ApiError:
    return ApiError("InvalidInstanceID.NotFound", f"The instance ID '{instance_id}' does not exist")


def vpc_not_found(vpc_id: str) -> ApiError:
    return ApiError("InvalidVpcID.NotFound", f"The vpc ID '{vpc_id}' does not exist")


def transit_gateway_not_found(gateway_id: str) -> ApiError:
    return ApiError("InvalidTransitGatewayID.NotFound", f"Transit Gateway {gateway_id} was deleted or does not exist.")


def transit_gateway_in_use(gateway_id: str) -> ApiError:
    return ApiError("IncorrectState", f"{gateway_id} has non-deleted attachments")


def transit_table_not_found(table_id: str) -> ApiError:
    return ApiError(
        "InvalidRouteTableID.NotFound", f"Transit Gateway Route Table {table_id} was deleted or does not exist."
    )


def attachment_not_found(attachment_id: str) -> ApiError:
    message = f"Transit Gateway Attachment {attachment_id} was deleted or does not exist."
    return ApiError("InvalidTransitGatewayAttachmentID.NotFound", message)


def two_subnets_in_one_zone(zone: str) -> ApiError:
    return ApiError("DuplicateSubnetsInSameZone", f"More than one subnet is in the Availability Zone {zone}")


def vpc_attached(vpc_id: str, gateway_id: str) -> ApiError:
    message = f"{gateway_id} has non-deleted Transit Gateway Attachments with same VPC ID {vpc_id}."
    return ApiError("DuplicateTransitGatewayAttachment", message)


def route_exists(cidr: str) -> ApiError:
    return ApiError("RouteAlreadyExists", f"The route {cidr} already exists")


def route_not_found(cidr: str) -> ApiError:
    return ApiError("InvalidRoute.NotFound", f"There is no static route {cidr}")


def vpn_gateway_not_found(gateway_id: str) -> ApiError:
    return ApiError("InvalidVpnGatewayID.NotFound", f"The vpnGateway ID '{gateway_id}' does not exist")


def vpn_gateway_attached(gateway_id: str, vpc_id: str) -> ApiError:
    return ApiError("VpnGatewayAttachmentLimitExceeded", f"{gateway_id} is attached to {vpc_id}")
