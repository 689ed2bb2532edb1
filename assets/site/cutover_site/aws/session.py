"""Calls to AWS with this machine's role: tags, parameters, secrets, topic. Nothing is cached on disk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cutover_site.errors import NotConfigured

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# A person or a state machine waits for each command: few attempts, short time limits.
CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 4})
AWS_ERRORS = (BotoCoreError, ClientError)


class Aws:
    """The AWS services for one site. Creates each client once."""

    def __init__(self, *, site: str, region: str) -> None:
        self.site = site
        self.region = region
        self._session = boto3.session.Session(region_name=region)
        self._clients: dict[str, Any] = {}
        self._cached_secrets: dict[str, dict[str, str]] = {}

    def get_client(self, service: str) -> Any:
        """Return the client of a service. It is kept: creating one takes 0.2 s."""
        if service not in self._clients:
            self._clients[service] = self._session.client(service, config=CONFIG)  # type: ignore[call-overload]
        return self._clients[service]

    @property
    def dynamodb(self) -> DynamoDBClient:
        """Return the client of DynamoDB, typed."""
        client: DynamoDBClient = self.get_client("dynamodb")
        return client

    def cache_secret(self, identifier: str) -> None:
        """Read a secret now; `read_secret` returns it from memory for the life of this process. Raises NotConfigured."""
        self._cached_secrets[identifier] = self.read_secret(identifier)

    def close_connections(self) -> None:
        """Close all open connections. Forks of this process would otherwise share them.

        An old botocore (Debian 11 has 1.20) cannot close connections. Its clients are dropped, which closes them.
        """
        for service, client in list(self._clients.items()):
            if hasattr(client, "close"):
                client.close()
            else:
                del self._clients[service]

    def read_tags(self, instance_id: str) -> dict[str, str]:
        """Return the EC2 tags of an instance. Raises NotConfigured."""
        try:
            response = self.get_client("ec2").describe_tags(Filters=[{"Name": "resource-id", "Values": [instance_id]}])
        except AWS_ERRORS as error:
            raise NotConfigured(f"the tags of {instance_id} cannot be read: {error}") from error
        return {tag["Key"]: tag["Value"] for tag in response["Tags"]}

    def read_parameter(self, name: str) -> str:
        """Return the parameter `/cutover/<site>/<name>`. Raises NotConfigured."""
        path = f"/cutover/{self.site}/{name}"
        try:
            return str(self.get_client("ssm").get_parameter(Name=path)["Parameter"]["Value"])
        except AWS_ERRORS as error:
            raise NotConfigured(
                f"parameter {path} cannot be read: {error}", next_action="deploy the stack that writes it"
            ) from error

    def read_json_parameter(self, name: str) -> dict[str, Any]:
        """Return a parameter that holds a JSON object. Raises NotConfigured."""
        try:
            parsed = json.loads(self.read_parameter(name))
        except ValueError as error:
            raise NotConfigured(f"parameter /cutover/{self.site}/{name} is not JSON: {error}") from error
        if not isinstance(parsed, dict):
            raise NotConfigured(f"parameter /cutover/{self.site}/{name} is not a JSON object")
        return parsed

    def read_secret(self, identifier: str) -> dict[str, str]:
        """Return a secret that holds a JSON object, by name or ARN. Raises NotConfigured; no message contains the value."""
        if identifier in self._cached_secrets:
            return dict(self._cached_secrets[identifier])
        try:
            response = self.get_client("secretsmanager").get_secret_value(SecretId=identifier)
            parsed = json.loads(response["SecretString"])
            return {str(key): str(value) for key, value in parsed.items()}
        except AWS_ERRORS as error:
            raise NotConfigured(f"secret {identifier} cannot be read: {error}") from error
        except (KeyError, ValueError, AttributeError) as error:
            raise NotConfigured(f"secret {identifier} does not hold a JSON object") from error

    def store_secret(self, identifier: str, value: dict[str, str]) -> None:
        """Write a secret as a JSON object. Raises NotConfigured."""
        self._cached_secrets.pop(identifier, None)
        try:
            self.get_client("secretsmanager").put_secret_value(SecretId=identifier, SecretString=json.dumps(value))
        except AWS_ERRORS as error:
            raise NotConfigured(f"secret {identifier} cannot be written: {error}") from error

    def publish(self, topic_arn: str, subject: str, message: str) -> None:
        """Publish a message. Raises BotoCoreError or ClientError, because only the caller knows what a lost message means."""
        self.get_client("sns").publish(TopicArn=topic_arn, Subject=subject, Message=message)

    def list_group_instances(self, group: str) -> list[str]:
        """Return the ids of the instances in service in an Auto Scaling group, sorted. Raises NotConfigured."""
        try:
            response = self.get_client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[group])
        except AWS_ERRORS as error:
            raise NotConfigured(f"the Auto Scaling group {group} cannot be read: {error}") from error
        return sorted(
            instance["InstanceId"]
            for found in response["AutoScalingGroups"]
            for instance in found["Instances"]
            if instance["LifecycleState"] == "InService"
        )
