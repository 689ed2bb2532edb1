"""What an account has besides its projects: clouds, their credentials and regions, licences. There is one of each, and nothing changes them."""

from __future__ import annotations

import uuid

from rehearsal.cloudendure.api.calls import Api, Call
from rehearsal.cloudendure.console import Console
from rehearsal.cloudendure.exceptions import ApiError
from rehearsal.cloudendure.listing import cut_page
from rehearsal.cloudendure.responses import Json
from rehearsal.settings import ACCOUNT, REGION

Response = tuple[Json | None, int]
CLOUD = "AWS"
LICENCES = 10


def register(api: Api, console: Console) -> None:
    """Add the calls about account, project, clouds and licences."""

    def read_state() -> tuple[Json, Json, int]:
        with console.store.read() as kept:
            return dict(kept["project"]), dict(kept["account"]), len(kept["machines"])

    def format_credentials() -> Json:
        project = read_state()[0]
        return {
            "id": str(uuid.uuid5(uuid.UUID(project["id"]), "cloudCredentials")),
            "name": "",
            "cloud": project["targetCloudId"],
            "accountIdentifier": ACCOUNT,
            "publicKey": "",
        }

    def format_region() -> Json:
        return {"id": REGION, "name": REGION, "cloud": read_state()[0]["targetCloudId"]}

    def format_licence() -> Json:
        project, account, used = read_state()
        return {
            "id": project["licensesIDs"][0],
            "type": account["licence"]["type"],
            "count": LICENCES,
            "used": used,
            "durationFromStartOfUse": "P90D",
            "expirationDateTime": account["licence"]["expires"],
        }

    @api.call("GET", "/clouds")
    def list_clouds(call: Call) -> Response:
        project = read_state()[0]
        ids = dict.fromkeys((project["targetCloudId"], project["sourceCloudId"]))
        return cut_page([{"id": id_, "name": CLOUD, "roles": ["SOURCE", "TARGET"]} for id_ in ids], call.query), 200

    @api.call("GET", "/cloudCredentials")
    def list_credentials(call: Call) -> Response:
        return cut_page([format_credentials()], call.query), 200

    @api.call("GET", "/cloudCredentials/<id_>")
    def get_credentials(call: Call, id_: str) -> Response:  # noqa: ARG001
        return _require_id("cloudCredentials", id_, format_credentials()), 200

    @api.call("GET", "/cloudCredentials/<id_>/regions")
    def list_regions(call: Call, id_: str) -> Response:
        _require_id("cloudCredentials", id_, format_credentials())
        return cut_page([format_region()], call.query), 200

    @api.call("GET", "/cloudCredentials/<id_>/regions/<region_id>")
    def get_region(call: Call, id_: str, region_id: str) -> Response:  # noqa: ARG001
        _require_id("cloudCredentials", id_, format_credentials())
        return _require_id("regions", region_id, format_region()), 200

    @api.call("GET", "/licenses")
    def list_licences(call: Call) -> Response:
        return cut_page([format_licence()], call.query), 200

    @api.call("GET", "/licenses/<id_>")
    def get_licence(call: Call, id_: str) -> Response:  # noqa: ARG001
        return _require_id("licenses", id_, format_licence()), 200


def _require_id(collection: str, id_: str, record: Json) -> Json:
    """Return the record when it has this id. Raises ApiError 404."""
    if record["id"] != id_:
        raise ApiError(404, f"{collection}: {id_} does not exist")
    return record
