"""The API, version 1, as Gogs documents it. Statuses and messages are recorded."""
