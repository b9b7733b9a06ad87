"""Mails about invoices, payments and subscriptions: what each says, with one next step."""

from . import dunning, invoice, payment, quote, staff, subscription

__all__ = ["dunning", "invoice", "payment", "quote", "staff", "subscription"]
