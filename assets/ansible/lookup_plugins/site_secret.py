"""Read a secret of Secrets Manager with the machine's role: `lookup('site_secret', NAME_OR_ARN, region=REGION)`.

The result is the JSON object in the secret, or its text if the text is not JSON. Use the lookup only in tasks with `no_log: true`.
"""

from __future__ import annotations

import json
from typing import Any

import boto3
from ansible.errors import AnsibleLookupError  # type: ignore[import-not-found]
from ansible.plugins.lookup import LookupBase  # type: ignore[import-not-found]
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 6})

DOCUMENTATION = """
name: site_secret
short_description: read a secret with the machine's role
options:
  _terms:
    description: names or ARNs
  region:
    description: AWS region
    type: str
    required: true
"""


class LookupModule(LookupBase):  # type: ignore[misc]
    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **options: Any) -> list[Any]:
        """Return the content of each secret. Raises AnsibleLookupError, which names the secret and never contains its value."""
        self.set_options(var_options=variables, direct=options)
        client = boto3.session.Session(region_name=self.get_option("region")).client("secretsmanager", config=CONFIG)
        values = []
        for term in terms:
            try:
                text = client.get_secret_value(SecretId=term)["SecretString"]
            except (BotoCoreError, ClientError, KeyError) as error:
                raise AnsibleLookupError(f"the secret {term} is not readable: {error}") from error
            try:
                values.append(json.loads(text))
            except ValueError:
                values.append(text)
        return values
