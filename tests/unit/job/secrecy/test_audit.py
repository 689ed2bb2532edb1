"""A leak is named without its value, and whatever was not searched is told."""

import gzip
import io
import lzma
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.errors import RehearsalError
from rehearsal.job.secrecy import Secrecy, audit
from rehearsal.job.secrecy.allowed import Allowance
from rehearsal.job.secrecy.places import Item, Place, journals, processes, text, tree

VALUE = "f3a1c0ffee-secret"


def sources() -> Iterator[tuple[str, str]]:
    yield "site: password", VALUE


def control() -> Iterator[Item]:
    return text("the disk", VALUE)


def audited(place: Place, *exceptions: Allowance) -> Secrecy:
    return audit({"site": sources}, {"logs": place}, control=control, exceptions=exceptions)


def test_a_clean_place_is_counted() -> None:
    result = audited(lambda: text("log", "nothing"))
    assert (result.findings, result.unsearched, result.secrets) == ([], [], ["site: password"])
    assert (result.places["logs"].items, result.places["logs"].bytes) == (1, 7)


def test_a_leak_is_named_without_its_value() -> None:
    result = audited(lambda: text("log", f"password={VALUE}"))
    assert [str(one) for one in result.findings] == ["site: password (plain) in logs: log"]
    assert VALUE not in repr(result)


def test_what_is_allowed_is_listed_apart() -> None:
    result = audited(lambda: text("log", VALUE), Allowance("logs", "l*", "site: *", "a reason"))
    assert (result.findings, len(result.allowed)) == ([], 1)
    assert len(audited(lambda: text("other", VALUE), Allowance("logs", "l*", "site: *", "a reason")).findings) == 1


def test_a_place_that_cannot_be_read_is_told_and_keeps_its_findings() -> None:
    def place() -> Iterator[Item]:
        yield from text("log", VALUE)
        raise PermissionError("denied")

    result = audited(place)
    assert result.unsearched == ["logs after 1 items: PermissionError: denied"]
    assert len(result.findings) == 1


def test_an_empty_place_was_not_searched() -> None:
    assert audited(lambda: iter(())).unsearched == ["logs: there is nothing in it"]


def test_secrets_that_cannot_be_had_or_searched_are_told() -> None:
    def broken() -> Iterator[tuple[str, str]]:
        raise FileNotFoundError("app.ini")

    result = audit(
        {"a": broken, "b": list, "c": lambda: [("pin", "1234")], "d": sources},
        {"logs": lambda: text("log", "")},
        control=control,
    )
    assert result.unsearched == [
        "the secrets of a: FileNotFoundError: app.ini",
        "the secrets of b: there are none",
        "pin is too short, or has several lines: it cannot be searched for",
    ]


@pytest.mark.parametrize("found", ["nothing", None])
def test_a_search_that_misses_what_is_there_proves_nothing(found: str | None) -> None:
    def place() -> Iterator[Item]:
        if found is None:
            raise FileNotFoundError("disk")
        return text("the disk", found)

    result = audit({"site": sources}, {"logs": lambda: text("log", "x")}, control=place)
    assert len(result.unsearched) == 1
    assert result.unsearched[0].startswith("anything: ")


def test_a_control_without_anything_in_it_proves_nothing() -> None:
    result = audit({"site": sources}, {"logs": lambda: text("log", "x")}, control=lambda: iter(()))
    assert result.unsearched == ["anything: there is nothing to show by that the search works"]


def test_a_folder_that_is_not_there_was_not_searched(tmp_path: Path) -> None:
    (said,) = audited(lambda: tree(tmp_path / "cdk.out")).unsearched
    assert "FileNotFoundError" in said


def test_a_machine_that_cannot_be_asked_was_not_searched() -> None:
    def read(machine: str) -> str:
        if machine == "i-2":
            raise RehearsalError("i-2 does not run")
        return "quiet"

    result = audited(lambda: journals(["i-1", "i-2"], read))
    assert result.unsearched == ["logs after 1 items: RehearsalError: i-2 does not run"]


def test_a_secret_in_an_environment_is_found() -> None:
    # Given a process that was told a secret, and one that has ended
    pipe, environment = subprocess.PIPE, {"PASSWORD": VALUE}
    with subprocess.Popen(["cat"], stdin=pipe, stdout=pipe, env=environment, bufsize=0) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"?")
        assert process.stdout.read(1) == b"?"  # it runs
        result = audited(lambda: processes([process.pid, 1 << 30]))
        process.communicate()
    assert [one.item for one in result.findings] == [f"{process.pid} (cat)"]


def test_archives_are_opened(tmp_path: Path) -> None:
    # Given an asset whose compressed bytes do not show the secret
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as members:
        members.writestr("settings.py", f"PASSWORD = '{VALUE}'\n" * 20)
    (tmp_path / "asset.zip").write_bytes(archive.getvalue())
    result = audited(lambda: tree(tmp_path))
    assert [one.item for one in result.findings] == ["asset.zip!settings.py"]


def _tar(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def test_archives_in_archives_are_opened(tmp_path: Path) -> None:
    # Given a log that was rotated, in an archive of a folder, which is an asset
    log = gzip.compress(f"PASSWORD = '{VALUE}'\n".encode() * 20)
    for name, packed in (
        ("a.tar.gz", gzip.compress(_tar("log.gz", log))),
        ("b.tar.xz", lzma.compress(_tar("log.gz", log))),
    ):
        (tmp_path / name).write_bytes(packed)
    result = audited(lambda: tree(tmp_path))
    assert [one.item for one in result.findings] == ["a.tar.gz!!log.gz!", "b.tar.xz!!log.gz!"]
    assert result.unsearched == []


def test_a_damaged_archive_was_not_searched(tmp_path: Path) -> None:
    (tmp_path / "log.gz").write_bytes(gzip.compress(b"x" * 1000)[:-10])
    (said,) = audited(lambda: tree(tmp_path)).unsearched
    assert said.startswith("logs after 1 items: ")
