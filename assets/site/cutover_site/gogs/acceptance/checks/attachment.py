"""Check an attachment: a file that is attached to a new issue through the web form comes back byte for byte."""

from __future__ import annotations

from cutover_site.acceptance.errors import CheckFailed, CheckSkipped
from cutover_site.gogs.acceptance.samples import SAMPLES, Sample
from cutover_site.gogs.acceptance.session import GogsSession

PICTURE = SAMPLES[0].content


def check(session: GogsSession) -> None:
    """Attach a file to a new issue and download it. Raises CheckFailed, or CheckSkipped when the site accepts no file."""
    session.require_repository()
    page = f"/{session.full_name}/issues/new"
    csrf = session.get_csrf_token(page)  # once: Gogs starts about eleven git processes for each page of a repository
    sample = _choose(session, csrf)
    uploaded = session.upload_attachment((sample.name, sample.content, sample.type), csrf=csrf)
    if uploaded.status_code != 200:
        raise CheckFailed(f"the upload of {sample.name} answered {uploaded.status_code}, expected 200")
    identifier = str(uploaded.json()["uuid"])
    fields = {"title": "With a file", "content": "see the attachment", "files": identifier}
    with session.writing:
        made = session.post_form(page, fields, csrf=csrf)
    if made.status_code != 302:
        raise CheckFailed(f"the issue's form answered {made.status_code}, expected 302")
    got = session.request(session.browser, "GET", f"/attachments/{identifier}")
    if got.content != sample.content:
        raise CheckFailed(
            f"the attachment answered {got.status_code} with {len(got.content)} bytes,"
            f" expected {len(sample.content)} equal ones"
        )


def _choose(session: GogsSession, csrf: str) -> Sample:
    """Return a file of a type that the site accepts.

    Raises CheckSkipped when the site accepts none, CheckFailed when it accepts one although attachments are disabled.
    """
    shown = session.attachments
    if not shown.enabled:
        refused = session.upload_attachment((SAMPLES[0].name, PICTURE, SAMPLES[0].type), csrf=csrf)
        if refused.status_code != 404:
            raise CheckFailed(f"attachments are disabled, and an upload answered {refused.status_code}, expected 404")
        raise CheckSkipped("the site takes no attachments", setting="[attachment] ENABLED = false")
    types = shown.types or (session.settings.attachment_types if session.settings else ())
    for sample in SAMPLES:
        if "*/*" in types or sample.type in types or not types:
            return sample
    raise CheckSkipped(
        f"the suite has no file of a type that the site takes ({', '.join(types)})",
        setting=f"[attachment] ALLOWED_TYPES = {'|'.join(types)}",
    )
