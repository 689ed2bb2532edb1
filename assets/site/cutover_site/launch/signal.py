"""Report to CloudFormation that this target serves: a rolling update then removes an old server."""

from __future__ import annotations

import logging

from cutover_site.aws.session import AWS_ERRORS
from cutover_site.machine import Machine

LOG = logging.getLogger(__name__)
STACK_TAG, RESOURCE_TAG = "cutover:stack", "cutover:resource"


def report_serving(machine: Machine) -> bool:
    """Send the signal SUCCESS of this instance. Return whether CloudFormation accepted it.

    CloudFormation refuses the signal when no update of the stack waits for it, for example when Auto Scaling has replaced a server
    (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_SignalResource.html). The server serves in any case.
    """
    stack, resource = machine.tags.get(STACK_TAG, ""), machine.tags.get(RESOURCE_TAG, "")
    if not stack or not resource:
        return False
    try:
        machine.aws.get_client("cloudformation").signal_resource(
            StackName=stack, LogicalResourceId=resource, UniqueId=machine.instance_id, Status="SUCCESS"
        )
    except AWS_ERRORS as error:
        LOG.info("no update of %s waits for this server: %s", stack, error)
        return False
    LOG.info("reported to %s that this server serves", stack)
    return True
