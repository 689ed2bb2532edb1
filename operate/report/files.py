"""Read evidence from files: a copy of the bucket's folder `runs/`, or one JSON file. docs/report.md defines both forms."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from common.errors import StepFailed

from operate.report.source import Check, Document, Independent, Lag, RunSource, StackResource

NAME_ANOTHER = "name a folder with the objects of the evidence bucket, or an evidence file, with --evidence"


def read_evidence(path: Path, *, site: str, region: str, now: float) -> RunSource:
    """Return what the folder or the file contains. StepFailed when it cannot be read or has another form."""
    if path.is_dir():
        return RunSource(site=site, region=region, place=str(path), documents=list(_read_folder(path)), now=now)
    raw = _read_object(path)
    if not isinstance(raw.get("steps"), list):
        raise StepFailed(f"{path} has no list `steps`, so it is no evidence of a run", next_action=NAME_ANOTHER)
    try:
        return RunSource(
            site=site,
            region=region,
            place=str(path),
            documents=[one for one in raw["steps"] if isinstance(one, Mapping)],
            now=now,
            lag=_parse_lag(raw.get("replication_lag")),
            resources=_parse_resources(raw.get("resources")),
            independent=_parse_independent(raw.get("independent") or {}),
            expected={str(name): float(seconds) for name, seconds in (raw.get("expected_seconds") or {}).items()},
            missing=[str(one) for one in raw.get("missing") or []],
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise StepFailed(
            f"{path} is damaged: {type(error).__name__}: {error}", next_action="docs/report.md has the format"
        ) from error


def _read_folder(folder: Path) -> Iterator[Document]:
    """Yield the JSON objects below the folder. The key of each begins at the folder's parent, so a folder of one run is enough."""
    for file in sorted(folder.rglob("*.json")):
        yield {"key": str(file.relative_to(folder.parent)), **_read_object(file)}


def _read_object(path: Path) -> dict[str, Any]:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"), parse_constant=_parse_finite, parse_float=_parse_finite)
    except OSError as error:
        raise StepFailed(f"the evidence cannot be read: {error}", next_action=NAME_ANOTHER) from error
    except ValueError as error:
        raise StepFailed(f"{path} is no JSON: {error}", next_action=NAME_ANOTHER) from error
    if not isinstance(raw, dict):
        raise StepFailed(f"{path} has no JSON object", next_action=NAME_ANOTHER)
    return raw


def _parse_finite(text: str) -> float:
    """Return a number of JSON. ValueError for NaN and Infinity, which JSON has not, and for a number beyond the range of a float."""
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text} is no number of JSON")
    return number


def _parse_lag(raw: Any) -> list[Lag] | None:
    if raw is None:
        return None
    return [Lag(float(one["time"]), _parse_seconds(one.get("source")), _parse_seconds(one.get("target"))) for one in raw]  # fmt: skip


def _parse_seconds(raw: Any) -> float | None:
    return None if raw is None else float(raw)


def _parse_resources(raw: Any) -> list[StackResource] | None:
    if raw is None:
        return None
    return [StackResource(str(one["stack"]), str(one["type"]), str(one["id"]), str(one.get("name") or "")) for one in raw]  # fmt: skip


def _parse_independent(raw: Mapping[str, Any]) -> Independent:
    return Independent(
        tuple(Check(str(one["name"]), bool(one["passed"]), str(one["text"])) for one in raw.get("checks") or []),
        {str(name): int(count) for name, count in (raw.get("counts") or {}).items()},
    )
