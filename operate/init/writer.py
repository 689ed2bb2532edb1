"""Write the answers as migration.toml, with a comment for what a person has to know. The file is complete, or it is not there."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from common.errors import ConfigurationError
from settings import Settings, SettingsError

COMMENTS: Mapping[str, str] = {
    "site": "The site and its names, before and after the migration.",
    "site.hosted_zone": 'The zone of both names. With kind = "elsewhere" the run waits until somebody has moved the names.',
    "provider": "The service that replicates the server. migration.toml of the project explains its other keys.",
    "source": "Servers that exist. docs/your-own-site.md describes what to prepare on them.",
    "source.network": "How the network of the source and that of the stacks are connected.",
    "source.secrets": "Names of secrets in Secrets Manager, never the secrets. docs/your-own-site.md has the content of each.",
    "cutover": '"manual": the run waits before its window for `cutover go`. A maintenance window and max_window_seconds may be added (docs/cutover.md).',
}
HEAD = """# Written by `cutover init`. It contains no secret. What is left out has its default, which migration.toml of the project explains.

# A new value asks for a new run; with an unchanged value `cdk deploy MigrationStack` never does anything twice.
cutover_id = "first"
"""


class RefusedAnswers(ConfigurationError):
    """The answers do not fit together. `faults`: the key of each refused answer and what is expected. `locations`: the keys."""

    def __init__(self, path: Path, faults: Sequence[str], locations: Sequence[Sequence[int | str]]) -> None:
        super().__init__(
            f"the answers do not fit together, so {path} was not written: {'; '.join(faults)}",
            next_action="run `cutover init` again",
        )
        self.faults, self.locations = faults, locations


def render(answers: Mapping[str, Any]) -> str:
    """Return the text of the file."""
    source = {"kind": "existing"}
    tables = {**answers, "source": {**source, **answers["source"]}}
    return HEAD + "".join(_render_table(name, values) for name, values in tables.items())


def write_settings(path: Path, answers: Mapping[str, Any]) -> Settings:
    """Write the file, and return its settings. Nothing is written when an error is raised.

    Raises ConfigurationError when the file exists, and RefusedAnswers when the answers do not fit together.
    """
    require_new_file(path)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", text=True)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(render(answers))
        settings = _load(Path(temporary), path)
        Path(temporary).chmod(0o644)
        path.hardlink_to(temporary)  # fails if the file exists by now, which a rename would replace
    except FileExistsError:
        require_new_file(path)
        raise
    finally:
        Path(temporary).unlink(missing_ok=True)
    return settings


def require_new_file(path: Path) -> None:
    """Raise ConfigurationError when the file exists, or cannot be created because its folder does not."""
    if not path.parent.is_dir():
        raise ConfigurationError(
            f"there is no folder {path.parent} for {path.name}", next_action="create the folder, or name another file"
        )
    if path.exists():
        raise ConfigurationError(
            f"{path} exists, and is never overwritten", next_action="name another file: cutover --config site.toml init"
        )


def _load(temporary: Path, path: Path) -> Settings:
    try:
        return Settings.load(temporary)
    except SettingsError as error:
        faults = tuple(_remove_line(fault, temporary) for fault in error.faults)
        raise RefusedAnswers(path, faults, error.locations) from error


def _remove_line(fault: str, temporary: Path) -> str:
    """Return the fault without the line of a file that does not exist any more."""
    return re.sub(rf"\A{re.escape(str(temporary))}(:\d+)?: ", "", fault)


def _render_value(value: Any) -> str:
    """Return a value of TOML. A text with several lines, which is a certificate, keeps them."""
    if isinstance(value, str) and "\n" in value and "'" not in value:
        return f"'''\n{value.strip()}\n'''"
    return json.dumps(value, ensure_ascii=False)


def _render_table(name: str, values: Mapping[str, Any]) -> str:
    comment = f"# {COMMENTS[name]}\n" if name in COMMENTS else ""
    lines = [f"{key} = {_render_value(value)}" for key, value in values.items() if not isinstance(value, Mapping)]
    text = "\n".join([f"\n{comment}[{name}]", *lines]) + "\n"
    return text + "".join(
        _render_table(f"{name}.{key}", value) for key, value in values.items() if isinstance(value, Mapping) and value
    )
