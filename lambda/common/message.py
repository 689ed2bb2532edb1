"""A message for the people of a migration, who read it on a phone: its parts, and its forms for mail and for chat."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any, Literal

from common.clock import format_iso
from common.run import Kind

Event = Literal["test-passed", "test-failed", "ready", "frozen", "committed", "rolled-back", "warning"]
MAX_SUBJECT_CHARACTERS = 99
"""SNS: ASCII, fewer than 100 characters, no control characters (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html)"""
MAX_LINE_CHARACTERS = 500
"""of each line of the text: a reason may be long"""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message. Each text is one line without a secret and without content of the site."""

    event: Event
    site: str
    run_id: str
    kind: Kind
    at: float
    """epoch seconds of the event"""
    subject: str
    """without the site's name"""
    happened: str
    users: str
    """what it means for the users of the site"""
    next_action: str
    """what the reader does now"""
    command: str = ""

    def format_subject(self) -> str:
        """Return the subject in the form that SNS accepts."""
        plain = unicodedata.normalize("NFKD", f"{self.site}: {_clean(self.subject)}").replace("…", "...")
        return plain.encode("ascii", "ignore").decode()[:MAX_SUBJECT_CHARACTERS].rstrip()

    def format_text(self) -> str:
        """Return the text of a mail. Its first line is the subject."""
        command = [f"Command: {self.command}"] if self.command else []
        return "\n".join(
            [
                self.format_subject(),
                "",
                _clean(self.happened),
                "",
                f"Users: {_clean(self.users)}",
                f"Now: {_clean(self.next_action)}",
                *command,
                "",
                f"Run {self.run_id} ({self.kind}), {format_iso(self.at)}",
                "",
            ]
        )

    def build_notification(self) -> dict[str, Any]:
        """Return the JSON for chat webhooks: the schema of custom notifications of Amazon Q Developer in chat applications (AWS Chatbot), version 1.0.

        `metadata.additionalContext` has the parts again, for a function that formats them by itself.
        """
        steps = [_clean(self.next_action), *([f"`{self.command}`"] if self.command else [])]
        return {
            "version": "1.0",
            "source": "custom",
            "id": f"{self.run_id}/{self.event}",
            "content": {
                "textType": "client-markdown",
                "title": self.format_subject(),
                "description": f"{_clean(self.happened)}\n*Users:* {_clean(self.users)}",
                "nextSteps": steps,
            },
            "metadata": {
                "threadId": self.run_id,
                "summary": self.format_subject(),
                "eventType": self.event,
                "additionalContext": {
                    "event": self.event,
                    "site": self.site,
                    "run": self.run_id,
                    "kind": self.kind,
                    "at": format_iso(self.at),
                    "happened": _clean(self.happened),
                    "users": _clean(self.users),
                    "next": _clean(self.next_action),
                    "command": self.command,
                },
            },
        }


def _clean(text: str) -> str:
    """Return the text in one line without control characters, at most MAX_LINE_CHARACTERS long."""
    line = "".join(sign if sign.isprintable() else " " for sign in text)
    line = " ".join(line.split())
    return line if len(line) <= MAX_LINE_CHARACTERS else line[: MAX_LINE_CHARACTERS - 1].rstrip() + "…"
