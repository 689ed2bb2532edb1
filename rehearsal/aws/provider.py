"""Give the world what instance metadata and the resolver return, from the API's records."""

from __future__ import annotations

import hashlib

from rehearsal.aws.ec2.instances import Instances
from rehearsal.aws.ec2.profiles import Profiles
from rehearsal.aws.ec2.responses.instances import format_private_name
from rehearsal.aws.names import Names
from rehearsal.aws.network.endpoints import Endpoints
from rehearsal.aws.tags import Tags
from rehearsal.settings import ACCOUNT, REGION
from rehearsal.world import Answer, Credentials, Identity


class Provider:
    """Implements rehearsal.world.Provider; `connect` comes before the first machine starts."""

    def __init__(self) -> None:
        self._instances: Instances | None = None

    def connect(
        self, *, instances: Instances, endpoints: Endpoints, profiles: Profiles, names: Names, tags: Tags
    ) -> None:
        """Connect it with the parts of the local AWS."""
        self._endpoints, self._profiles, self._names, self._tags = endpoints, profiles, names, tags
        self._instances = instances

    def find_identity(self, endpoint: str) -> Identity | None:
        """Return what instance metadata shows of a machine; None when it is no instance."""
        instance = self._instances.find(endpoint) if self._instances else None
        if instance is None or not instance.alive:
            return None
        place, profile = instance.endpoint, instance.profile
        shows_tags = instance.metadata_options.get("InstanceMetadataTags") == "enabled"
        return Identity(
            instance_id=instance.id,
            image_id=instance.image_id,
            instance_type=instance.type,
            private_ip=place.ip,
            availability_zone=place.zone,
            region=REGION,
            account_id=ACCOUNT,
            mac=_make_mac(instance.id),
            vpc_id=place.vpc_id,
            subnet_id=place.subnet_id,
            security_groups=tuple(self._endpoints.group_name(group) for group in place.groups),
            public_ip=place.public_ip,
            user_data=instance.user_data,
            role=profile.role_name if profile else None,
            instance_profile_arn=profile.arn if profile else None,
            tags=self._tags.of(instance.id) if shows_tags else {},
            local_hostname=format_private_name(place.ip),
        )

    def find_credentials(self, endpoint: str) -> Credentials | None:
        """Return the temporary credentials of a machine's role; None when it has none."""
        instance = self._instances.find(endpoint) if self._instances else None
        if instance is None or instance.profile is None or not instance.alive:
            return None
        return self._profiles.get_credentials(instance.id, instance.profile)

    def resolve(self, name: str, kind: str, endpoint: str) -> list[Answer] | None:
        """Resolve a name for an endpoint."""
        return self._names.resolve(name, kind, endpoint) if self._instances else None

    def record_machine_exit(self, machine: str) -> None:
        """Take note that a machine ended by itself."""
        if self._instances:
            self._instances.record_exit(machine)


def _make_mac(instance: str) -> str:
    """Return a locally administered address that an instance keeps."""
    digest = hashlib.sha256(instance.encode()).digest()
    return ":".join(f"{octet:02x}" for octet in bytes([0x02]) + digest[:5])
