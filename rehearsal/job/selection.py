"""Select the kind of a rehearsal by the source of its settings."""

from __future__ import annotations

from rehearsal.errors import UsageError
from rehearsal.job.existing import ExistingJob
from rehearsal.job.rehearse import Job
from rehearsal.settings import SHAPES, Settings


def select_job_type(settings: Settings) -> type[Job]:
    """Return the class of the job. Raises UsageError for a shape of the existing site without that site: the run would not have it."""
    if settings.source == "existing":
        return ExistingJob
    if settings.shape != SHAPES[0]:
        raise UsageError(f"The shape {settings.shape!r} is one of the existing site: give SOURCE=existing too.")
    return Job
