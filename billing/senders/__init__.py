"""What waits for others: payment gateways, offices that know VAT numbers, the rules of e-invoices."""

from . import einvoice, gateway, vat_check

__all__ = ["einvoice", "gateway", "vat_check"]
