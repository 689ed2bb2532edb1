"""Users with pictures, SSH keys and a token each; the organisation."""

import base64
import hashlib
import struct
from collections import Counter

from cutover_site.acceptance.errors import UnexpectedResponse

from demo import plan
from demo.pictures import picture
from demo.site import Site


def make(site: Site) -> Counter[str]:
    tally: Counter[str] = Counter()
    for person in plan.PEOPLE:
        tally["created"] += _user(site, person)
        tally["created"] += _key(site, person.name)
        tally["created"] += _token(site, person.name)
    owner = plan.ORGANISATION_OWNER
    fields = {"username": plan.ORGANISATION.name, "full_name": plan.ORGANISATION.full_name}
    answer = site.api("POST", f"/admin/users/{owner}/orgs", json=fields, accept=(422,))
    tally["created"] += answer.status_code == 201
    return tally + Counter(users=len(plan.PEOPLE), keys=len(plan.PEOPLE), avatars=len(plan.PEOPLE), organisations=1)


def _user(site: Site, person: plan.Person) -> bool:
    fields = {
        "username": person.name,
        "email": f"{person.name}@example.com",
        "full_name": person.full_name,
        "password": site.password_of(person.name),
    }
    new = site.api("POST", "/admin/users", json=fields, accept=(422,)).status_code == 201
    if new:
        file = {"avatar": (f"{person.name}.png", picture(person.name), "image/png")}
        site.form(person.name, "/user/settings/avatar", {"source": "local"}, files=file)
    return new


def _key(site: Site, user: str) -> bool:
    if any(key["title"] == "laptop" for key in site.api("GET", f"/users/{user}/keys").json()):
        return False
    site.api("POST", f"/admin/users/{user}/keys", json={"title": "laptop", "key": _public_key(user)})
    return True


def _public_key(user: str) -> str:
    """A public key to which nobody has the private one: 32 bytes in the form that OpenSSH gives an Ed25519 key."""

    def text(value: bytes) -> bytes:
        return struct.pack(">I", len(value)) + value

    blob = text(b"ssh-ed25519") + text(hashlib.sha256(f"demo {user}".encode()).digest())
    return f"ssh-ed25519 {base64.b64encode(blob).decode()} {user}@laptop"


def _token(site: Site, user: str) -> bool:
    """Return whether the token is new. A second one of the same name is refused with 422."""
    client = site.client(user)
    response = client.request_token("editor", client.password)
    client.close()
    if response.status_code not in (201, 422):
        raise UnexpectedResponse(f"a token of {user}: {response.status_code} {response.text[:200]}")
    return response.status_code == 201
