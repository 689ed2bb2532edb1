"""A source that others installed: the description that migration.toml gives of it, without a resource of its own."""

from existing_source.description import describe_existing_source

__all__ = ["describe_existing_source"]
