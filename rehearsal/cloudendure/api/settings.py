"""Blueprints and replication configurations."""

from __future__ import annotations

import copy

from rehearsal.cloudendure import blueprints, configurations
from rehearsal.cloudendure.api.calls import Api, Call
from rehearsal.cloudendure.console import Console
from rehearsal.cloudendure.listing import cut_page
from rehearsal.cloudendure.models import find
from rehearsal.cloudendure.responses import Json

Response = tuple[Json | None, int]


def register(api: Api, console: Console) -> None:
    """Add the calls about blueprints and replication configurations."""
    store = console.store

    @api.call("GET", "/blueprints")
    def list_blueprints(call: Call) -> Response:
        with store.read() as state:
            return copy.deepcopy(cut_page(list(state["blueprints"].values()), call.query)), 200

    @api.call("GET", "/blueprints/<blueprint>")
    def get_blueprint(call: Call, blueprint: str) -> Response:  # noqa: ARG001
        with store.read() as state:
            return copy.deepcopy(find(state, "blueprints", blueprint)), 200

    @api.call("POST", "/blueprints")
    def create_blueprint(call: Call) -> Response:
        with store.edit() as state:
            return copy.deepcopy(blueprints.create(state, call.body)), 201

    @api.call("PATCH", "/blueprints/<blueprint>")
    def patch_blueprint(call: Call, blueprint: str) -> Response:
        with store.edit() as state:
            return copy.deepcopy(blueprints.patch(state, blueprint, call.body)), 200

    @api.call("GET", "/replicationConfigurations")
    def list_configurations(call: Call) -> Response:
        with store.read() as state:
            return copy.deepcopy(cut_page(list(state["configurations"].values()), call.query)), 200

    @api.call("POST", "/replicationConfigurations")
    def create_configuration(call: Call) -> Response:
        return _keep(configurations.merge_configuration(None, call.body, console.cloud)), 201

    @api.call("PATCH", "/replicationConfigurations/<configuration>")
    def patch_configuration(call: Call, configuration: str) -> Response:
        with store.read() as state:
            before = configurations.copy_configuration(state, configuration)
        return _keep(configurations.merge_configuration(before, call.body, console.cloud)), 200

    def _keep(configuration: Json) -> Json:
        """Save a configuration. The project uses the one that was written last."""
        with store.edit() as state:
            state["configurations"][configuration["id"]] = configuration
            state["project"]["replicationConfiguration"] = configuration["id"]
        return configuration
