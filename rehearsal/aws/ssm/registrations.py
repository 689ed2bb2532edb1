"""Keep hybrid activations, and the machines that agents have registered with them.

Sources: CreateActivation in the API reference of Systems Manager, "Hybrid activations" in its user guide, and the agent
(github.com/aws/amazon-ssm-agent): an expired or used-up activation registers nothing more, and what is registered stays.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from rehearsal.aws.ssm import exceptions
from rehearsal.aws.ssm.models import HYBRID_PREFIX, Activation, AgentFacts, HybridNode, now

DEFAULT_LIFETIME = timedelta(hours=24)
LONGEST_LIFETIME = timedelta(days=30)
MOST_REGISTRATIONS = 1000


class Registrations:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._activations: dict[str, Activation] = {}
        self._nodes: dict[str, HybridNode] = {}

    def create_activation(
        self,
        role: str,
        *,
        limit: int = 1,
        expires: datetime | None = None,
        description: str = "",
        default_name: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> tuple[Activation, str]:
        """Return a new activation and its code, which is not kept. Raises ApiError."""
        if not 1 <= limit <= MOST_REGISTRATIONS:
            raise exceptions.invalid_registration_limit(limit)
        until = expires or now() + DEFAULT_LIFETIME
        if not now() < until <= now() + LONGEST_LIFETIME:
            raise exceptions.invalid_expiration()
        code = secrets.token_hex(10)
        activation = Activation(
            str(uuid.uuid4()), _hash(code), role, limit, until, description, default_name, dict(tags or {})
        )
        with self._lock:
            self._activations[activation.id] = activation
        return activation, code

    def delete_activation(self, activation_id: str) -> None:
        """Delete an activation; its nodes stay registered. Raises ApiError."""
        with self._lock:
            if self._activations.pop(activation_id, None) is None:
                raise exceptions.activation_id_not_found(activation_id)

    def list_activations(self) -> list[Activation]:
        """Return all activations, the oldest first."""
        with self._lock:
            return list(self._activations.values())

    def register(self, activation_id: str, code: str, machine: str, facts: AgentFacts) -> tuple[HybridNode, str]:
        """Return a new node for a machine of the world, and the key of its agent. Raises ApiError."""
        key = secrets.token_urlsafe(32)
        with self._lock:
            activation = self._activations.get(activation_id)
            if activation is None or not hmac.compare_digest(activation.code_hash, _hash(code)):
                raise exceptions.activation_not_found()
            if activation.is_expired:
                raise exceptions.activation_expired(activation_id)
            if activation.count >= activation.limit:
                raise exceptions.activation_used_up(activation_id, activation.limit)
            activation.count += 1
            node = HybridNode(
                id=f"{HYBRID_PREFIX}0{secrets.token_hex(8)}",
                activation_id=activation.id,
                role=activation.role,
                key_hash=_hash(key),
                machine=machine,
                facts=facts,
                name=activation.default_name,
                tags=activation.tags,
            )
            self._nodes[node.id] = node
        return node, key

    def record_heartbeat(self, node_id: str, key: str, fingerprint: str) -> HybridNode:
        """Return the node whose agent reports. Raises ApiError for an agent that is not the registered one."""
        with self._lock:
            node = self.get_node(node_id)
            if not hmac.compare_digest(node.key_hash, _hash(key)):
                raise exceptions.wrong_key()
            if node.facts.fingerprint != fingerprint:
                raise exceptions.fingerprint_differs()
            node.seen = now()
            return node

    def get_node(self, node_id: str) -> HybridNode:
        """Return a node. Raises ApiError for one that is not registered."""
        with self._lock:
            if node_id not in self._nodes:
                raise exceptions.node_not_found(node_id)
            return self._nodes[node_id]

    def list_nodes(self) -> list[HybridNode]:
        """Return all nodes, the oldest first."""
        with self._lock:
            return list(self._nodes.values())

    def set_role(self, node_id: str, role: str) -> None:
        """Give a node another role. Raises ApiError."""
        with self._lock:
            self.get_node(node_id).role = role

    def deregister(self, node_id: str) -> None:
        """Remove a node; its credentials last until they expire. Raises ApiError."""
        with self._lock:
            self.get_node(node_id)
            del self._nodes[node_id]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
