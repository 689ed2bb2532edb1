"""Keep each group at its desired number of healthy instances, spread over its subnets."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.aws.clients import Clients, ignore_missing
from rehearsal.aws.scaling import exceptions
from rehearsal.aws.scaling.models import Group, Member, now

TICK_SECONDS = 1.0
"""how often health is examined; `wake` does it at once"""
GIVE_UP = 3
"""launches that fail in a row, after which a wait for the group ends"""
_log = logging.getLogger(__name__)


class Reconciler:
    """One thread for all groups. Works through the API alone, as the real service does with EC2 and ELB."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self.groups: dict[str, Group] = {}
        self._woken = threading.Event()
        self._closed = False
        self._settled = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="auto-scaling", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Reconcile the groups at once, because one of them or an instance has changed."""
        self._woken.set()

    def get(self, name: str) -> Group:
        """Return a group. Raises ApiError when there is none."""
        if name not in self.groups:
            raise exceptions.group_not_found(name)
        return self.groups[name]

    def wait(self, group: Group, timeout: float) -> bool:
        """Return whether the group reaches its number in service (one that is being deleted: nothing left).

        False after `timeout` seconds, or when one launch after the other fails.
        """
        self.wake()
        with self._settled:
            self._settled.wait_for(lambda: self._is_settled(group) or group.failing >= GIVE_UP, timeout)
        return self._is_settled(group)

    def close(self) -> None:
        """End the thread."""
        self._closed = True
        self.wake()
        self._thread.join(30)

    def terminate(self, group: Group, member: Member, cause: str) -> None:
        """Terminate one member; it is replaced unless the desired number was lowered."""
        with group.lock:
            if member.state == "Terminating":
                return
            member.state = "Terminating"
            activity = group.add_activity(f"Terminating EC2 instance: {member.instance_id}", cause)
        for arn in group.target_groups:
            with ignore_missing("TargetGroupNotFound"):
                self._clients("elbv2").deregister_targets(TargetGroupArn=arn, Targets=[{"Id": member.instance_id}])
        with ignore_missing("InvalidInstanceID.NotFound"):
            self._clients("ec2").terminate_instances(InstanceIds=[member.instance_id])
        activity.end()
        self.wake()

    @staticmethod
    def _is_settled(group: Group) -> bool:
        """Return whether the group is settled. `_run` holds the lock from the start of an instance until its record as a member, so this never reads between them."""
        with group.lock:
            if group.deleting:
                return not group.members
            serving = sum(member.state == "InService" for member in group.members)
            return serving == len(group.members) == group.desired

    def _run(self) -> None:
        while not self._closed:
            self._woken.wait(TICK_SECONDS if self.groups else None)
            self._woken.clear()
            for group in list(self.groups.values()):
                if self._closed:
                    return
                try:
                    with group.lock:
                        self._keep(group)
                except (ClientError, BotoCoreError) as error:
                    _log.warning("group %s: %s", group.name, error)
            with self._settled:
                self._settled.notify_all()

    def _keep(self, group: Group) -> None:
        self._update_states(group)
        if group.checks_balancer and group.runs("HealthCheck", "ReplaceUnhealthy", "Terminate"):
            self._replace_unhealthy(group)
        desired = 0 if group.deleting else group.desired
        surplus = len(group.alive) - desired
        surplus_members = max(surplus, 0) if group.runs("Terminate") else 0
        for member in sorted(group.alive, key=lambda one: one.since)[:surplus_members]:
            self.terminate(group, member, "the desired capacity is lower than the number of instances")
        for _ in range(-surplus if group.runs("Launch") else 0):
            self._launch(group)

    def _update_states(self, group: Group) -> None:
        """Set the states of the members to those that EC2 reports."""
        if not group.members:
            return
        filters = [{"Name": "instance-id", "Values": [member.instance_id for member in group.members]}]
        response = self._clients("ec2").describe_instances(Filters=filters)
        states = {i["InstanceId"]: i["State"]["Name"] for r in response["Reservations"] for i in r["Instances"]}
        for member in list(group.members):
            state = states.get(member.instance_id, "terminated")
            if state == "running" and member.state == "Pending":
                with group.lock:
                    member.state, member.since = "InService", now()
            elif member.state == "Terminating" and state == "terminated":
                with group.lock:
                    group.members.remove(member)
            elif (
                member.state != "Terminating"
                and state not in ("pending", "running")
                and group.runs("HealthCheck", "ReplaceUnhealthy", "Terminate")
            ):
                self.terminate(group, member, f"an EC2 health check found the instance {state}")

    def _replace_unhealthy(self, group: Group) -> None:
        grace = timedelta(seconds=group.grace)
        examined = {m.instance_id: m for m in group.members if m.state == "InService" and now() - m.since >= grace}
        for arn in group.target_groups if examined else ():
            targets = [{"Id": instance} for instance in examined]
            response = self._clients("elbv2").describe_target_health(TargetGroupArn=arn, Targets=targets)
            for one in response["TargetHealthDescriptions"]:
                if one["TargetHealth"]["State"] == "unhealthy":
                    member = examined[one["Target"]["Id"]]
                    member.healthy = False
                    self.terminate(group, member, f"an ELB health check failed: {one['TargetHealth']['Description']}")

    def _launch(self, group: Group) -> None:
        ec2 = self._clients("ec2")
        subnets = ec2.describe_subnets(SubnetIds=list(group.subnets))["Subnets"]
        load = Counter(member.zone for member in group.alive)
        subnet = min(subnets, key=lambda one: (load[one["AvailabilityZone"]], group.subnets.index(one["SubnetId"])))
        activity = group.add_activity("Launching a new EC2 instance", "fewer instances than the desired capacity")
        try:
            made = ec2.run_instances(
                MinCount=1, MaxCount=1, **self._place(group, subnet["SubnetId"]), **_build_tags(group)
            )
        except (ClientError, BotoCoreError) as error:
            activity.end(str(error))
            group.failing += 1
            raise
        group.failing, made = 0, made["Instances"][0]
        member = Member(made["InstanceId"], subnet["AvailabilityZone"], made["InstanceType"], group.template)
        with group.lock:
            group.members.append(member)
        activity.description += f": {member.instance_id}"
        for arn in group.target_groups:
            self._clients("elbv2").register_targets(TargetGroupArn=arn, Targets=[{"Id": member.instance_id}])
        activity.end()

    def _place(self, group: Group, subnet: str) -> dict[str, Any]:
        """Return the template with this subnet; in its network interface where it describes one."""
        name = {key: group.template[key] for key in ("LaunchTemplateId", "LaunchTemplateName") if key in group.template}
        version = str(group.template.get("Version") or "$Default")
        found = self._clients("ec2").describe_launch_template_versions(**name, Versions=[version])
        interfaces = found["LaunchTemplateVersions"][0]["LaunchTemplateData"].get("NetworkInterfaces")
        place = {"NetworkInterfaces": [{**interfaces[0], "SubnetId": subnet}]} if interfaces else {"SubnetId": subnet}
        return {"LaunchTemplate": {**name, "Version": version}, **place}


def _build_tags(group: Group) -> dict[str, Any]:
    """Return the tags that a member has beside its template's."""
    tags = {tag["Key"]: str(tag["Value"]) for tag in group.tags if str(tag.get("PropagateAtLaunch")).lower() == "true"}
    tags["aws:autoscaling:groupName"] = group.name
    spread = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {"TagSpecifications": [{"ResourceType": "instance", "Tags": spread}]}
