"""The users, each with a picture, an SSH key and a token, and the organisation."""

import base64
import hashlib
import struct
from collections import Counter

from cutover_site.acceptance.errors import UnexpectedResponse

from demo import plan
from demo.pictures import draw_picture
from demo.site import Site


def create_people(site: Site) -> Counter[str]:
    """Create the missing users and the organisation, and return what exists and what is new."""
    tally: Counter[str] = Counter()
    for person in plan.PEOPLE:
        tally["created"] += _create_user(site, person)
        tally["created"] += _create_key(site, person.name)
        tally["created"] += _create_token(site, person.name)
    owner = plan.ORGANISATION_OWNER
    fields = {"username": plan.ORGANISATION.name, "full_name": plan.ORGANISATION.full_name}
    response = site.call_api("POST", f"/admin/users/{owner}/orgs", json=fields, accept=(422,))
    tally["created"] += response.status_code == 201
    return tally + Counter(users=len(plan.PEOPLE), keys=len(plan.PEOPLE), avatars=len(plan.PEOPLE), organisations=1)


def _create_user(site: Site, person: plan.Person) -> bool:
    """Create a user with a picture, and return whether the user is new."""
    fields = {
        "username": person.name,
        "email": f"{person.name}@example.com",
        "full_name": person.full_name,
        "password": site.derive_password(person.name),
    }
    new = site.call_api("POST", "/admin/users", json=fields, accept=(422,)).status_code == 201
    if new:
        file = {"avatar": (f"{person.name}.png", draw_picture(person.name), "image/png")}
        site.post_form(person.name, "/user/settings/avatar", {"source": "local"}, files=file)
    return new


def _create_key(site: Site, user: str) -> bool:
    """Add an SSH key to a user, and return whether the key is new."""
    if any(key["title"] == "laptop" for key in site.call_api("GET", f"/users/{user}/keys").json()):
        return False
    site.call_api("POST", f"/admin/users/{user}/keys", json={"title": "laptop", "key": _build_public_key(user)})
    return True


def _build_public_key(user: str) -> str:
    """Return an Ed25519 public key in the format of OpenSSH. Its 32 bytes are a digest, so nobody has the private key."""

    def encode_string(value: bytes) -> bytes:
        return struct.pack(">I", len(value)) + value

    blob = encode_string(b"ssh-ed25519") + encode_string(hashlib.sha256(f"demo {user}".encode()).digest())
    return f"ssh-ed25519 {base64.b64encode(blob).decode()} {user}@laptop"


def _create_token(site: Site, user: str) -> bool:
    """Create a token for a user, and return whether it is new. The site refuses a second token of the same name with 422."""
    client = site.create_client(user)
    response = client.request_token("editor", client.password)
    client.close()
    if response.status_code not in (201, 422):
        raise UnexpectedResponse(f"creation of a token for {user}: {response.status_code} {response.text[:200]}")
    return response.status_code == 201
