"""The AWS APIs with this machine's role: tags, parameters, secrets, topic. Nothing is cached on disk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cutover_site.errors import NotConfigured

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# A command has an end, and a person or a state machine waits for it: few tries, short time limits.
CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 4})
AWS_ERRORS = (BotoCoreError, ClientError)


class Aws:
    def __init__(self, *, site: str, region: str) -> None:
        self.site = site
        self.region = region
        self._session = boto3.session.Session(region_name=region)
        self._clients: dict[str, Any] = {}
        self._known: dict[str, dict[str, str]] = {}

    def client(self, service: str) -> Any:
        """One per service: making one costs a fifth of a second."""
        if service not in self._clients:
            self._clients[service] = self._session.client(service, config=CONFIG)  # type: ignore[call-overload]
        return self._clients[service]

    @property
    def dynamodb(self) -> DynamoDBClient:
        client: DynamoDBClient = self.client("dynamodb")
        return client

    def remember(self, identifier: str) -> None:
        """`secret` answers from memory from now on, for as long as this process lives. Raises NotConfigured."""
        self._known[identifier] = self.secret(identifier)

    def hang_up(self) -> None:
        """No connection is open: forks of this process would talk over the same one.

        A client of a botocore that cannot close one (Debian 11 has 1.20) is dropped, with its connections.
        """
        for service, client in list(self._clients.items()):
            if hasattr(client, "close"):
                client.close()
            else:
                del self._clients[service]

    def tags(self, instance_id: str) -> dict[str, str]:
        """EC2 tags of an instance. Raises NotConfigured."""
        try:
            answer = self.client("ec2").describe_tags(Filters=[{"Name": "resource-id", "Values": [instance_id]}])
        except AWS_ERRORS as error:
            raise NotConfigured(f"the tags of {instance_id} cannot be read: {error}") from error
        return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}

    def parameter(self, name: str) -> str:
        """The parameter `/cutover/<site>/<name>`. Raises NotConfigured."""
        path = f"/cutover/{self.site}/{name}"
        try:
            return str(self.client("ssm").get_parameter(Name=path)["Parameter"]["Value"])
        except AWS_ERRORS as error:
            raise NotConfigured(
                f"parameter {path} cannot be read: {error}", next_action="deploy the stack that writes it"
            ) from error

    def facts(self, name: str) -> dict[str, Any]:
        """A parameter that holds a JSON object."""
        try:
            parsed = json.loads(self.parameter(name))
        except ValueError as error:
            raise NotConfigured(f"parameter /cutover/{self.site}/{name} is not JSON: {error}") from error
        if not isinstance(parsed, dict):
            raise NotConfigured(f"parameter /cutover/{self.site}/{name} is not a JSON object")
        return parsed

    def secret(self, identifier: str) -> dict[str, str]:
        """A secret that holds a JSON object, by name or ARN. Raises NotConfigured; the value is in no message."""
        if identifier in self._known:
            return dict(self._known[identifier])
        try:
            answer = self.client("secretsmanager").get_secret_value(SecretId=identifier)
            parsed = json.loads(answer["SecretString"])
            return {str(key): str(value) for key, value in parsed.items()}
        except AWS_ERRORS as error:
            raise NotConfigured(f"secret {identifier} cannot be read: {error}") from error
        except (KeyError, ValueError, AttributeError) as error:
            raise NotConfigured(f"secret {identifier} does not hold a JSON object") from error

    def store_secret(self, identifier: str, value: dict[str, str]) -> None:
        self._known.pop(identifier, None)
        try:
            self.client("secretsmanager").put_secret_value(SecretId=identifier, SecretString=json.dumps(value))
        except AWS_ERRORS as error:
            raise NotConfigured(f"secret {identifier} cannot be written: {error}") from error

    def publish(self, topic_arn: str, subject: str, message: str) -> None:
        """Raises BotoCoreError or ClientError: the caller knows what an unpublished report means."""
        self.client("sns").publish(TopicArn=topic_arn, Subject=subject, Message=message)

    def group_instances(self, group: str) -> list[str]:
        """Ids of the instances in service in an auto scaling group, sorted."""
        try:
            answer = self.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[group])
        except AWS_ERRORS as error:
            raise NotConfigured(f"the auto scaling group {group} cannot be read: {error}") from error
        return sorted(
            instance["InstanceId"]
            for found in answer["AutoScalingGroups"]
            for instance in found["Instances"]
            if instance["LifecycleState"] == "InService"
        )
