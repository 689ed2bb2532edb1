"""Machines that provision themselves."""

from provisioning.provisioning import Provisioning

__all__ = ["Provisioning"]
