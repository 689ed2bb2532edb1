"""Make the errors of EC2, by the codes of its API.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

from rehearsal.aws.exceptions import ApiError
from rehearsal.aws.network.exceptions import instance_not_found as instance_not_found


def image_not_found(image_id: str) -> ApiError:
    return ApiError("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")


def image_unavailable(image_id: str) -> ApiError:
    return ApiError("InvalidAMIID.Unavailable", f"The image ID '{image_id}' is not in the available state")


def malformed_image_name(name: str) -> ApiError:
    return ApiError("InvalidAMIName.Malformed", f"AMI name {name!r} is not valid: 3 to 128 of its characters")


def duplicate_image_name(name: str, image_id: str) -> ApiError:
    return ApiError("InvalidAMIName.Duplicate", f"AMI name {name} is already in use by AMI {image_id}")


def image_of_another_account(image_id: str) -> ApiError:
    return ApiError("AuthFailure", f"Not authorized for image:{image_id}")


def snapshot_not_found(snapshot_id: str) -> ApiError:
    return ApiError("InvalidSnapshot.NotFound", f"The snapshot '{snapshot_id}' does not exist.")


def snapshot_without_blocks(snapshot_id: str) -> ApiError:
    return ApiError("InvalidSnapshot.NotFound", f"The snapshot '{snapshot_id}' has no blocks")


def snapshot_in_use(snapshot_id: str, image_id: str) -> ApiError:
    return ApiError("InvalidSnapshot.InUse", f"The snapshot {snapshot_id} is currently in use by {image_id}")


def volume_not_found(volume_id: str) -> ApiError:
    return ApiError("InvalidVolume.NotFound", f"The volume '{volume_id}' does not exist.")


def volume_too_small(size: int, least: int) -> ApiError:
    """Sizes are in GiB."""
    message = f"Volume of size {size}GB is smaller than snapshot, expect size >= {least}GB"
    return ApiError("InvalidBlockDeviceMapping", message)


def wrong_instance_state(instance_id: str, wanted: str) -> ApiError:
    message = f"The instance '{instance_id}' is not in a state from which it can be {wanted}."
    return ApiError("IncorrectInstanceState", message)


def wrong_state_for_image(instance_id: str) -> ApiError:
    return ApiError("IncorrectState", f"The instance '{instance_id}' is not in a state for an image")


def termination_protected(instance_id: str) -> ApiError:
    message = f"The instance '{instance_id}' may not be terminated. Modify its 'disableApiTermination'."
    return ApiError("OperationNotPermitted", message)


def launch_template_not_found(template: str) -> ApiError:
    return ApiError("InvalidLaunchTemplateId.NotFound", f"The launch template {template} does not exist")


def launch_template_version_not_found(template: str, version: str) -> ApiError:
    return ApiError("InvalidLaunchTemplateId.VersionNotFound", f"Version {version} of {template} does not exist")


def instance_profile_not_found(name: str) -> ApiError:
    message = f"Value ({name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"
    return ApiError("InvalidParameterValue", message)


def missing_image_id() -> ApiError:
    return ApiError("MissingParameter", "The request must contain the parameter ImageId")


def missing_volume_size() -> ApiError:
    return ApiError("MissingParameter", "The request must contain the parameter size or snapshotId")


def public_parameter_not_found(name: str) -> ApiError:
    return ApiError("SsmInvalidParameter", f"Unable to find the public parameter {name}")


def no_default_subnet() -> ApiError:
    return ApiError("MissingInput", "No subnets found for the default VPC. Please specify a subnet.")
