"""Mails about invoices, payments and subscriptions: what each says, with one next step."""

from . import dunning, invoice, payment, staff, subscription

__all__ = ["dunning", "invoice", "payment", "staff", "subscription"]
