"""Let a machine provision itself: the playbooks are an asset, the plan is a parameter, the result is a wait condition."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import Aws, CfnWaitCondition, CfnWaitConditionHandle, Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_ssm as ssm
from common.site_parameters import Parameter, build_parameter_path
from constructs import Construct

ASSETS = Path(__file__).parents[2] / "assets"
FIRST_BOOT = Path(__file__).with_name("first_boot.py")


class Provisioning(Construct):
    """What one machine runs at its first boot.

    User data names only the parameter, so a changed playbook changes the parameter and never stops a running source.
    `variables` are names, ARNs and addresses, never a secret.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        site: str,
        machine: str,
        playbook: str,
        variables: Mapping[str, str | int | bool],
        role: iam.IRole,
    ) -> None:
        super().__init__(scope, construct_id)
        asset = s3_assets.Asset(self, "Playbooks", path=str(ASSETS), exclude=["__pycache__", "*.pyc", ".*_cache"])
        name = build_parameter_path(site, Parameter(f"provisioning/{machine}"))
        self.parameter = ssm.StringParameter(
            self,
            "Plan",
            parameter_name=name,
            description=f"What {machine} runs at its first boot",
            string_value=json.dumps(
                {
                    "bucket": asset.s3_bucket_name,
                    "key": asset.s3_object_key,
                    "playbook": playbook,
                    "variables": dict(variables),
                }
            ),
        )
        self._handle = CfnWaitConditionHandle(self, "Handle")
        self.user_data = ec2.UserData.custom(
            FIRST_BOOT.read_text().replace(
                "@CONFIGURATION@",
                json.dumps(
                    {"region": Aws.REGION, "machine": machine, "parameter": name, "signal_url": self._handle.ref}
                ),
            )
        )
        iam.Policy(
            self,
            "FetchPlaybooks",
            roles=[role],
            statements=[
                iam.PolicyStatement(
                    actions=["s3:GetObject"], resources=[asset.bucket.arn_for_objects(asset.s3_object_key)]
                ),
            ],
        )

    def add_wait_condition(self, instance: ec2.Instance, *, timeout: Duration) -> None:
        """Add the resource that is complete when the instance has reported SUCCESS: until then, the stack is not."""
        instance.node.add_dependency(self.parameter, self.node.find_child("FetchPlaybooks"))
        condition = CfnWaitCondition(
            self, "Done", count=1, handle=self._handle.ref, timeout=str(int(timeout.to_seconds()))
        )
        condition.node.add_dependency(instance)
