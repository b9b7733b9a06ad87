"""Calls to the outside: payment gateways, offices that know VAT numbers."""

from . import gateway, vat_check

__all__ = ["gateway", "vat_check"]
