"""Ask questions, and keep the answers: a refused answer is asked for again, and no other. The questions go to standard error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import click
from pydantic.fields import FieldInfo

from operate.init.prompts import validate

Key = tuple[str, ...]
"""where the answer stands in the file, such as ("site", "dns_name")"""
YES, NO = "y", "n"


@dataclass
class Dialog:
    """The answers of one person. A second pass through the questions asks only those without an answer.

    It checks a kept answer again, because other answers may have changed meanwhile.
    """

    _answers: dict[Key, str] = field(default_factory=dict)
    _former: dict[Key, str] = field(default_factory=dict)
    """answers that another one made doubtful: the defaults of their questions"""
    _refused: set[Key] = field(default_factory=set)

    def ask_value(self, key: Key, text: str, model_field: FieldInfo, *, default: Any = None, hint: str = "") -> Any:
        """Ask for the value of a setting."""
        return self.ask_text(key, text, default=default, hint=hint, check=lambda answer: validate(model_field, answer))

    def ask_text(
        self, key: Key, text: str, *, default: Any = None, hint: str = "", check: Callable[[str], Any] = str
    ) -> Any:
        """Ask until `check` accepts the answer; return what it makes of it. `hint`: a line before the question."""
        if key in self._answers:
            try:
                return check(self._answers[key])
            except click.UsageError as error:
                click.echo(f"Error: {error.message}", err=True)
        if hint:
            click.echo(hint, err=True)

        def accept(answer: str) -> Any:
            value = check(answer.strip())
            self._answers[key] = answer.strip()
            return value

        return click.prompt(text, default=self._former.pop(key, default), value_proc=accept, err=True)

    def ask_choice(self, key: Key, text: str, choices: Sequence[str], *, default: str) -> str:
        """Ask for one of several words."""
        choice = click.Choice(choices)
        return str(
            self.ask_text(
                key,
                f"{text} ({', '.join(choices)})",
                default=default,
                check=lambda answer: choice.convert(answer, None, None),
            )
        )

    def confirm(self, key: Key, text: str, *, default: bool) -> bool:
        """Ask for yes or no."""
        return bool(self.ask_text(key, f"{text} (y/n)", default=YES if default else NO, check=_parse_yes))

    def forget(self, location: Sequence[int | str]) -> bool:
        """Forget the answer at a location of the file that the settings refuse. Return False when no question leads there.

        If its next answer is refused too, the cause may be another answer. Then all questions of its table are asked again, with the
        former answers as their defaults.
        """
        refused = tuple(str(part) for part in location)
        found = {key for key in self._answers if key[: len(refused)] == refused or refused[: len(key)] == key}
        if not found or refused in self._refused:
            table = {key for key in self._answers if key[:1] == refused[:1]}
            self._former |= {key: self._answers[key] for key in table - found}
            found |= table
        self._refused.add(refused)
        for key in found:
            del self._answers[key]
        return bool(found)


def _parse_yes(answer: str) -> bool:
    """Return whether the answer is yes. UsageError for another word."""
    word = answer.lower()
    if word in (YES, "yes"):
        return True
    if word in (NO, "no"):
        return False
    raise click.UsageError("expected y or n")
