"""Errors of the Price List API."""

from __future__ import annotations

from rehearsal.aws.exceptions import ApiError


def make_unknown_service(code: str) -> ApiError:
    """Return the error for a service without products."""
    return ApiError("NotFoundException", f"The service code {code} is not in the price list.")


def make_unknown_filter(kind: str) -> ApiError:
    """Return the error for a filter that is not emulated."""
    return ApiError("InvalidParameterException", f"The filter type {kind} is not emulated.")
