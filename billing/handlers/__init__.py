"""Reactions to events: mails to clients and staff, and a new card tried at once."""

from . import documents, money, quotes, subscriptions, tax

__all__ = ["documents", "money", "quotes", "subscriptions", "tax"]
