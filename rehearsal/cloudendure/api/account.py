"""What an account has besides its projects: clouds, their credentials and regions, licences. There is one of each, and nothing changes them."""

from __future__ import annotations

import uuid

from rehearsal.cloudendure.api.calls import Api, Call
from rehearsal.cloudendure.console import Console
from rehearsal.cloudendure.exceptions import ApiError
from rehearsal.cloudendure.listing import page
from rehearsal.cloudendure.responses import Json
from rehearsal.settings import ACCOUNT, REGION

Response = tuple[Json | None, int]
CLOUD = "AWS"
LICENCES = 10


def register(api: Api, console: Console) -> None:
    """Add the calls about account, project, clouds and licences."""

    def state() -> tuple[Json, Json, int]:
        with console.store.look() as kept:
            return dict(kept["project"]), dict(kept["account"]), len(kept["machines"])

    def credentials() -> Json:
        project = state()[0]
        return {
            "id": str(uuid.uuid5(uuid.UUID(project["id"]), "cloudCredentials")),
            "name": "",
            "cloud": project["targetCloudId"],
            "accountIdentifier": ACCOUNT,
            "publicKey": "",
        }

    def region() -> Json:
        return {"id": REGION, "name": REGION, "cloud": state()[0]["targetCloudId"]}

    def licence() -> Json:
        project, account, used = state()
        return {
            "id": project["licensesIDs"][0],
            "type": account["licence"]["type"],
            "count": LICENCES,
            "used": used,
            "durationFromStartOfUse": "P90D",
            "expirationDateTime": account["licence"]["expires"],
        }

    @api.call("GET", "/clouds")
    def clouds(call: Call) -> Response:
        project = state()[0]
        ids = dict.fromkeys((project["targetCloudId"], project["sourceCloudId"]))
        return page([{"id": id_, "name": CLOUD, "roles": ["SOURCE", "TARGET"]} for id_ in ids], call.query), 200

    @api.call("GET", "/cloudCredentials")
    def list_credentials(call: Call) -> Response:
        return page([credentials()], call.query), 200

    @api.call("GET", "/cloudCredentials/<id_>")
    def one_of_the_credentials(call: Call, id_: str) -> Response:  # noqa: ARG001
        return _the("cloudCredentials", id_, credentials()), 200

    @api.call("GET", "/cloudCredentials/<id_>/regions")
    def list_regions(call: Call, id_: str) -> Response:
        _the("cloudCredentials", id_, credentials())
        return page([region()], call.query), 200

    @api.call("GET", "/cloudCredentials/<id_>/regions/<region_id>")
    def one_region(call: Call, id_: str, region_id: str) -> Response:  # noqa: ARG001
        _the("cloudCredentials", id_, credentials())
        return _the("regions", region_id, region()), 200

    @api.call("GET", "/licenses")
    def list_licences(call: Call) -> Response:
        return page([licence()], call.query), 200

    @api.call("GET", "/licenses/<id_>")
    def one_licence(call: Call, id_: str) -> Response:  # noqa: ARG001
        return _the("licenses", id_, licence()), 200


def _the(collection: str, id_: str, record: Json) -> Json:
    """Return the record when it has this id. Raises ApiError 404."""
    if record["id"] != id_:
        raise ApiError(404, f"{collection}: {id_} does not exist")
    return record
