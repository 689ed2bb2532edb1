"""Where one site has its application, when somebody else installed it: the object `installation` of site.json.

`adapt_profile` replaces the values of the profile by these. Everything that reads the profile follows: freeze, delta, digests, image, target.
A site without the object is installed as its profile states.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import PurePosixPath
from typing import Any

from applications.parts import Owner
from applications.profile import Profile

PATH = re.compile(r"/[^\x00-\x1f*?\[\]\\\"'`$%]*")
"""an absolute path that is no pattern and needs no quotes in a unit file"""
URL_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
"""the path below which users reach a site that has not the whole host name: without a slash at its end, and without a form that needs encoding"""
SCHEMA = re.compile(r"[A-Za-z0-9_$-]{1,64}")


class InvalidInstallation(ValueError):
    """The object is not complete, or a value has not the required form. The message names the key."""


@dataclass(frozen=True)
class Installation:
    """The places of one installation. Each path is absolute, and the same on source, replica and target, because stored text has it.

    `settings`: the settings file. `data_folder`: work space of one process. `roots`: the folders with data of the site, by the folder below
    `Files.root` at which the tool sees each. `listens`: the port of 127.0.0.1 at which the application listens, by the name of the port.
    `front`: where the source's proxy listens, by the name of the port, as HAProxy's `bind` has it. `public_ports`: the port that users type,
    by its name, for each that is in use and has no default. `other_fronts`: units of this machine that have a public port of a target.
    `secret_files`: files that no image may contain.
    """

    program: str
    settings: str
    work_folder: str
    custom_folder: str
    data_folder: str
    log_folder: str
    roots: Mapping[str, str]
    home: str
    user: str
    uid: int
    group: str
    gid: int
    unit: str
    schema: str
    listens: Mapping[str, int]
    front: Mapping[str, str]
    public_ports: Mapping[str, int] = field(default_factory=dict)
    other_fronts: tuple[str, ...] = field(default=())
    secret_files: tuple[str, ...] = field(default=())

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Installation:
        """Return the installation that site.json describes. Raises InvalidInstallation."""
        try:
            values = {one.name: raw[one.name] for one in fields(cls) if one.name in raw or not _is_optional(one.name)}
        except KeyError as error:
            raise InvalidInstallation(f"installation.{error.args[0]} is missing") from error
        try:
            found = cls(
                **{
                    **values,
                    "uid": int(values["uid"]),
                    "gid": int(values["gid"]),
                    "roots": {str(name): str(path) for name, path in values["roots"].items()},
                    "listens": {str(name): int(port) for name, port in values["listens"].items()},
                    "front": {str(name): str(address) for name, address in values["front"].items()},
                    "public_ports": {str(name): int(port) for name, port in values.get("public_ports", {}).items()},
                    "other_fronts": tuple(values.get("other_fronts", ())),
                    "secret_files": tuple(values.get("secret_files", ())),
                }
            )
        except (AttributeError, TypeError, ValueError) as error:
            raise InvalidInstallation(f"installation: {error}") from error
        if problem := next(iter(found.find_problems()), ""):
            raise InvalidInstallation(f"installation.{problem}")
        return found

    def to_facts(self) -> dict[str, Any]:
        """Return the object for site.json."""
        return {**asdict(self), "other_fronts": list(self.other_fronts), "secret_files": list(self.secret_files)}

    @property
    def paths(self) -> dict[str, str]:
        """Return every path by the name of its key."""
        names = ("program", "settings", "work_folder", "custom_folder", "data_folder", "log_folder", "home")
        own = {name: str(getattr(self, name)) for name in names}
        return {**own, **{f"roots.{name}": path for name, path in self.roots.items()}}

    @property
    def own_places(self) -> tuple[str, ...]:
        """Return the folders and files that are no part of the home, although they may be below it."""
        return tuple(sorted({path for name, path in self.paths.items() if name != "home"}))

    def find_problems(self) -> Iterable[str]:
        """Yield what has not the required form, beginning with the name of the key."""
        for name, path in (*self.paths.items(), *(("secret_files", one) for one in self.secret_files)):
            if not PATH.fullmatch(path) or str(PurePosixPath(path)) != path or ".." in PurePosixPath(path).parts:
                yield f"{name} is {path!r}, expected an absolute path without special characters"
        for name in self.roots:
            if name.startswith("/") or ".." in PurePosixPath(name).parts or not name:
                yield f"roots has the name {name!r}, expected a folder below the data root"
        if not SCHEMA.fullmatch(self.schema):
            yield f"schema is {self.schema!r}, expected letters, digits, _, $ and -"
        if not re.fullmatch(r"[A-Za-z0-9_.@:-]+\.service", self.unit):
            yield f"unit is {self.unit!r}, expected the name of a service unit"


def adapt_profile(profile: Profile, found: Installation) -> Profile:
    """Return the profile of an application that is installed at these places."""
    return replace(
        profile,
        units=(found.unit, *profile.units[1:]),
        owner=Owner(found.user, found.uid, _make_relative(found.home), found.gid, found.group),
        database=profile.database.rename_primary(found.schema),
        files=replace(profile.files, aliases=tuple(sorted(found.roots.values()))),
        ports=tuple(replace(port, upstream=found.listens.get(port.name, port.upstream)) for port in profile.ports),
        program=replace(
            profile.program,
            root=_make_relative(found.work_folder),
            left_out=(*profile.program.left_out, *_list_below(found, found.work_folder)),
            files=tuple(_move(profile, found, pattern) for pattern in profile.program.files),
        ),
        image=replace(
            profile.image,
            emptied=(*profile.image.emptied, *map(_make_relative, (*found.roots.values(), found.log_folder))),
            secrets=(*_list_secrets(profile, found), *map(_make_relative, found.secret_files)),
            removed=tuple(_move(profile, found, pattern) for pattern in profile.image.removed),
        ),
        logs=replace(profile.logs, folder=_make_relative(found.log_folder)),
    )


def _list_secrets(profile: Profile, found: Installation) -> list[str]:
    """Return the patterns of secret files at their places in this installation."""
    settings = PurePosixPath(found.settings)
    moved = [_move(profile, found, pattern) for pattern in profile.image.secrets]
    inside = [
        f"{_make_relative(path)}{pattern[len(profile.files.root) + 1 + len(name) :]}"
        for pattern in profile.image.secrets
        for name, path in found.roots.items()
        if pattern.startswith(f"{profile.files.root}/{name}/")
    ]
    return [*moved, f"{_make_relative(str(settings.parent))}/*{settings.name}*", *inside]


def _list_below(found: Installation, folder: str) -> list[str]:
    """Return the places of data, logs and settings below a folder, relative to it: none is a part of the program."""
    settings = PurePosixPath(found.settings)
    places = [*found.roots.values(), found.data_folder, found.log_folder, f"{settings.parent}/*{settings.name}*"]
    return sorted({path[len(folder) + 1 :] for path in places if path.startswith(f"{folder}/")})


def _move(profile: Profile, found: Installation, pattern: str) -> str:
    """Return a pattern of the profile below the folders of this installation."""
    for folder, place in ((profile.program.root, found.work_folder), (profile.owner.home, found.home)):
        if pattern.startswith(f"{folder}/"):
            return f"{_make_relative(place)}{pattern[len(folder) :]}"
    return pattern


def _make_relative(path: str) -> str:
    return path.lstrip("/")


def _is_optional(name: str) -> bool:
    return name in ("public_ports", "other_fronts", "secret_files")
