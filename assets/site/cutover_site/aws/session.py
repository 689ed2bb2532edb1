"""Calls to AWS with this machine's role: tags, parameters, secrets, topic. Nothing is cached on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import CredentialResolver
from botocore.exceptions import BotoCoreError, ClientError

from cutover_site.aws.node_credentials import RESTART, NodeCredentialProvider, NodeCredentialsUnusable
from cutover_site.errors import NotConfigured
from cutover_site.node import Node

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# A person or a state machine waits for each command: few attempts, short time limits.
CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 4})
# Users may wait for each request to the run record. DynamoDB responds in milliseconds: a request without a response is lost, and is sent again.
RECORD_CONFIG = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 4})
AWS_ERRORS = (BotoCoreError, ClientError)
REJECTED = frozenset({"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"})
"""error codes for credentials that AWS does not accept (any more)"""


class Aws:
    """The AWS services for one site. Creates each client once.

    `node`: the machine, where site.json names a node. Its own role is used then, whatever other credentials are on the disk: a replica has
    those of the machine that it is a copy of.
    """

    def __init__(self, *, site: str, region: str, node: Node | None = None, root: Path = Path("/")) -> None:
        self.site = site
        self.region = region
        self._node = node
        self._session = boto3.session.Session(
            region_name=region, botocore_session=_create_session(node, root) if node else None
        )
        self._clients: dict[str, Any] = {}
        self._cached_secrets: dict[str, dict[str, str]] = {}

    def get_client(self, service: str) -> Any:
        """Return the client of a service. It is kept: creating one takes 0.2 s. Raises NotConfigured for unusable credentials of a hybrid node."""
        if service not in self._clients:
            try:
                config = RECORD_CONFIG if service == "dynamodb" else CONFIG
                self._clients[service] = self._session.client(service, config=config)  # type: ignore[call-overload]
            except NodeCredentialsUnusable as error:
                raise NotConfigured(str(error)) from error
        return self._clients[service]

    @property
    def dynamodb(self) -> DynamoDBClient:
        """Return the client of DynamoDB, typed."""
        client: DynamoDBClient = self.get_client("dynamodb")
        return client

    def cache_secret(self, identifier: str) -> None:
        """Read a secret now; `read_secret` returns it from memory for the life of this process. Raises NotConfigured."""
        self._cached_secrets[identifier] = self.read_secret(identifier)

    def forget_secret(self, identifier: str) -> bool:
        """Read this secret from Secrets Manager again when it is needed next. Return whether it was in memory."""
        return self._cached_secrets.pop(identifier, None) is not None

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
            raise self._explain(f"the tags of {instance_id} cannot be read", error) from error
        return {tag["Key"]: tag["Value"] for tag in response["Tags"]}

    def read_parameter(self, name: str) -> str:
        """Return the parameter `/cutover/<site>/<name>`. Raises NotConfigured."""
        path = f"/cutover/{self.site}/{name}"
        try:
            return str(self.get_client("ssm").get_parameter(Name=path)["Parameter"]["Value"])
        except AWS_ERRORS as error:
            raise self._explain(
                f"parameter {path} cannot be read", error, next_action="deploy the stack that writes it"
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
            raise self._explain(f"secret {identifier} cannot be read", error) from error
        except (KeyError, ValueError, AttributeError) as error:
            raise NotConfigured(f"secret {identifier} does not hold a JSON object") from error

    def store_secret(self, identifier: str, value: dict[str, str]) -> None:
        """Write a secret as a JSON object. Raises NotConfigured."""
        self._cached_secrets.pop(identifier, None)
        try:
            self.get_client("secretsmanager").put_secret_value(SecretId=identifier, SecretString=json.dumps(value))
        except AWS_ERRORS as error:
            raise self._explain(f"secret {identifier} cannot be written", error) from error

    def publish(self, topic_arn: str, subject: str, message: str) -> None:
        """Publish a message. Raises BotoCoreError or ClientError, because only the caller knows what a lost message means."""
        self.get_client("sns").publish(TopicArn=topic_arn, Subject=subject, Message=message)

    def list_group_instances(self, group: str) -> list[str]:
        """Return the ids of the instances in service in an Auto Scaling group, sorted. Raises NotConfigured."""
        try:
            response = self.get_client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[group])
        except AWS_ERRORS as error:
            raise self._explain(f"the Auto Scaling group {group} cannot be read", error) from error
        return sorted(
            instance["InstanceId"]
            for found in response["AutoScalingGroups"]
            for instance in found["Instances"]
            if instance["LifecycleState"] == "InService"
        )

    def _explain(self, what: str, error: Exception, *, next_action: str = "") -> NotConfigured:
        """Return the error of a verb. For a hybrid node whose credentials AWS rejects it names the node and what to do."""
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
        if self._node is not None and self._node.is_hybrid and code in REJECTED:
            return NotConfigured(
                f"{what}: AWS rejects the credentials of {self._node.id} ({code})",
                next_action=f"{RESTART}; register it again when Systems Manager does not know {self._node.id} any more",
            )
        return NotConfigured(f"{what}: {error}", next_action=next_action)


def _create_session(node: Node, root: Path) -> botocore.session.Session:
    """Return a session with the credentials of this node only: of the SSM Agent on a hybrid node, of the instance's role in EC2."""
    session = botocore.session.get_session()
    provider = (
        NodeCredentialProvider(root, node.id)
        if node.is_hybrid
        else session.get_component("credential_provider").get_provider("iam-role")
    )
    session.register_component("credential_provider", CredentialResolver([provider]))
    return session
