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
