"""A site that somebody else installed keeps its own places: the profile of its application follows them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from applications.gogs.profile import PROFILE
from applications.installation import Installation, InvalidInstallation, adapt_profile

from tests.unit.site.own_places import FACTS


def test_the_profile_has_the_places_of_the_installation() -> None:
    found = adapt_profile(PROFILE, Installation.parse(FACTS))

    assert (found.unit, found.owner.user, found.owner.ids, found.owner.home) == (
        "forge.service",
        "git",
        (1000, 100),
        "home/git",
    )
    assert found.database.schemas == ("forge",)
    assert all("{forge}." in statement for statement in found.database.silence)
    assert (found.http.upstream, found.get_port("ssh").upstream) == (3001, 2224)
    assert (found.http.number, found.get_port("ssh").number) == (80, 2222)  # of a target's proxy
    assert found.logs.folder == "home/git/gogs/log"


def test_neither_data_nor_secrets_count_as_the_program_and_no_image_has_them() -> None:
    found = adapt_profile(PROFILE, Installation.parse({**FACTS, "secret_files": ["/etc/nginx/forge.key"]}))

    assert found.program.root == "home/git/gogs"
    assert {"data/attachments", "data/ssh", "log", "custom/conf/*app.ini*"} <= {*found.program.left_out}
    assert found.program.files[0] == "home/git/.ssh/known_hosts"
    assert {"home/git/gogs-repositories", "mnt/sessions", "home/git/gogs/log"} <= {*found.image.emptied}
    assert {
        "home/git/gogs/custom/conf/*app.ini*",
        "home/git/gogs/data/ssh/*",
        "mnt/sessions/**/*",
        "etc/nginx/forge.key",
    } <= {*found.image.secrets}


def test_a_profile_without_an_installation_stays_as_it_is() -> None:
    assert PROFILE.owner.ids == (2990, 2990)
    assert PROFILE.files.aliases == ()


def test_an_installation_is_the_same_after_it_was_stored() -> None:
    found = Installation.parse({**FACTS, "other_fronts": ["nginx.service"]})
    assert Installation.parse(found.to_facts()) == found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"home": None}, "home"),
        ({"home": "home/git"}, "installation.home is 'home/git', expected an absolute path"),
        ({"settings": "/etc/gogs/../app.ini"}, "installation.settings"),
        ({"roots": {"repositories": "/srv/*"}}, "installation.roots.repositories"),
        ({"roots": {"../x": "/srv/x"}}, "roots has the name '../x'"),
        ({"uid": "many"}, "installation: invalid literal"),
        ({"schema": "a`b"}, "installation.schema is"),
        ({"unit": "gogs"}, "installation.unit is 'gogs'"),
        ({"secret_files": ["key"]}, "installation.secret_files"),
    ],
)
def test_a_wrong_value_is_named(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInstallation) as error:
        Installation.parse({**FACTS, **change})
    assert words in str(error.value)


def test_a_missing_key_is_named() -> None:
    with pytest.raises(InvalidInstallation, match=r"installation\.uid is missing"):
        Installation.parse({name: value for name, value in FACTS.items() if name != "uid"})


def test_the_program_is_not_part_of_the_home() -> None:
    found = Installation.parse(FACTS)
    assert "/home/git/gogs" in found.own_places
    assert "/home/git" not in found.own_places
    assert "/home/git" in replace(found, work_folder="/home/git").own_places
