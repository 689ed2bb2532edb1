"""GenerateSecretString of AWS::SecretsManager::Secret with all of its options, from the system's random numbers."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping
from typing import Any

from rehearsal.aws.registry import Registry

PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_DEFAULT_LENGTH = 32


def install(registry: Registry) -> None:
    """Generate a secret. It replaces the generator of ministack, which supports only a length and excluded characters."""
    registry.replace_function("cloudformation", "_sm_secret_string", build_secret_string)


def build_secret_string(properties: Mapping[str, Any]) -> str:
    """Return the value that the properties declare. Raises ValueError as the resource type does."""
    options = properties.get("GenerateSecretString")
    if properties.get("SecretString") or options is None:
        return str(properties.get("SecretString", ""))
    password = generate(options)
    template, key = options.get("SecretStringTemplate"), options.get("GenerateStringKey")
    if (template is None) != (key is None):
        raise ValueError("SecretStringTemplate and GenerateStringKey go together")
    return password if template is None else json.dumps({**json.loads(template), key: password})


def generate(options: Mapping[str, Any]) -> str:
    """Return a random value as GenerateSecretString describes it."""
    kinds = {
        "ExcludeLowercase": string.ascii_lowercase,
        "ExcludeUppercase": string.ascii_uppercase,
        "ExcludeNumbers": string.digits,
        "ExcludePunctuation": PUNCTUATION,
    }
    excluded = set(options.get("ExcludeCharacters", ""))
    sets = [
        "".join(c for c in kind if c not in excluded) for name, kind in kinds.items() if not _is_true(options, name)
    ]
    if _is_true(options, "IncludeSpace"):
        sets.append(" ")
    sets = [kind for kind in sets if kind]
    length = int(options.get("PasswordLength", _DEFAULT_LENGTH))
    each = "RequireEachIncludedType" not in options or _is_true(options, "RequireEachIncludedType")
    if not sets or length < (len(sets) if each else 1):
        raise ValueError("GenerateSecretString excludes too much for a password of this length")
    required = [secrets.choice(kind) for kind in sets] if each else []
    everything = "".join(sets)
    characters = required + [secrets.choice(everything) for _ in range(length - len(required))]
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)


def _is_true(options: Mapping[str, Any], name: str) -> bool:
    return str(options.get(name, False)).lower() == "true"
