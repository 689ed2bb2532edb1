"""Build the stand-in's archive: one folder `gogs/` with the executable `gogs`, as a release of Gogs has it.

The stand-in is a package of its own (`rehearsal/gogs_standin`). It is packed as files and never imported.

The executable is a Python zipapp with everything that it needs inside, compiled for the Python that builds it (a machine
with another one compiles in memory). The same sources, locked packages and Python give the same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import io
import marshal
import tarfile
import zipfile
from collections.abc import Iterator
from importlib.metadata import files as files_of
from pathlib import Path, PurePath

from rehearsal.errors import RehearsalError

NAME = "gogs_0.14.3_linux_amd64.tar.gz"
PACKAGES = (
    "PyMySQL",
    "Flask",
    "Werkzeug",
    "Jinja2",
    "MarkupSafe",
    "itsdangerous",
    "click",
    "blinker",
    "cheroot",
    "jaraco.functools",
    "more-itertools",
)
_PROJECT = Path(__file__).parents[1] / "gogs_standin"
_INTERPRETER = b"#!/usr/bin/python3 -IS\n"
_START = b"""\
import sys

from gogs_standin.start import main

sys.exit(main(sys.argv[1:], sys.argv[0]))
"""
_LEFT_OUT = ("cheroot/test/", "cheroot/testing.py")
_DATE = (1980, 1, 1, 0, 0, 0)


def build(outfile: Path) -> str:
    """Write the archive; return its SHA-256. Raises RehearsalError when a package is not installed."""
    outfile.parent.mkdir(parents=True, exist_ok=True)
    archive = _archive(_INTERPRETER + _build_zipapp())
    half = outfile.with_name(f".{outfile.name}.half")
    half.write_bytes(archive)
    half.rename(outfile)
    return hashlib.sha256(archive).hexdigest()


def is_stand_in(archive: Path) -> bool:
    """Return whether this archive holds the stand-in, recognised by its first line. An archive of another form holds something else.

    Raises OSError.
    """
    try:
        with tarfile.open(archive) as tar:
            program = tar.extractfile("gogs/gogs")
            return program is not None and program.read(len(_INTERPRETER)) == _INTERPRETER
    except (tarfile.TarError, KeyError):
        return False


def _archive(program: bytes) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        folder = tarfile.TarInfo("gogs/")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o755
        tar.addfile(folder)
        file = tarfile.TarInfo("gogs/gogs")
        file.mode, file.size = 0o755, len(program)
        tar.addfile(file, io.BytesIO(program))
    return gzip.compress(plain.getvalue(), mtime=0)


def _build_zipapp() -> bytes:
    packed = io.BytesIO()
    members = dict(_list_sources())
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        # Folders are named too: a package without __init__.py (jaraco) is found in a zip by nothing else.
        for folder in sorted({f"{parent}/" for name in members for parent in PurePath(name).parents if parent.name}):
            _add(archive, folder, b"")
        for name in sorted(members):
            _add(archive, name, members[name])
            if name.endswith(".py"):
                _add(archive, name + "c", _compile_source(name, members[name]))
    return packed.getvalue()


def _list_sources() -> Iterator[tuple[str, bytes]]:
    """Yield the name in the zipapp and the content of each file."""
    yield "__main__.py", _START
    for file in (_PROJECT / "gogs_standin").rglob("*"):
        if file.is_file() and file.suffix != ".pyc":
            yield str(file.relative_to(_PROJECT)), file.read_bytes()
    for package in PACKAGES:
        found = files_of(package)
        if not found:
            raise RehearsalError(f"the Python package {package} is not installed: run `make setup`")
        for path in found:
            name = str(path)
            wanted = path.suffix == ".py" or name.endswith(("METADATA", "Lorem ipsum.txt"))
            if wanted and ".." not in path.parts and not name.startswith(_LEFT_OUT):
                yield name, Path(str(path.locate())).read_bytes()


def _compile_source(name: str, source: bytes) -> bytes:
    """Return a .pyc that Python uses without comparing times: those of a zip mean nothing."""
    code = compile(source, name, "exec", dont_inherit=True)
    # Version 2 has no back references, which depend on what else the building process has in memory.
    return importlib.util.MAGIC_NUMBER + b"\x01\0\0\0" + importlib.util.source_hash(source) + marshal.dumps(code, 2)


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=_DATE)
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)
