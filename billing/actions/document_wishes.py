"""How a client wants documents: together or apart, and who else gets them."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account, Subscription
from hostbill.core.audit import audit
from hostbill.core.errors import AppError

from .account import lock_account

MOST_READERS = 10


def set_document_wishes(
    account: Account, *, separate_invoices: bool, consolidate_monthly: bool, document_emails: list[str], actor
) -> Account:
    """For renewals from now on. AppError: "contradiction", "too_many", "not_an_address"."""
    if separate_invoices and consolidate_monthly:
        words = _("An invoice for each service and one invoice a month exclude each other.")
        raise AppError(words, code="contradiction", field="consolidate_monthly")
    emails = _checked(document_emails)
    with transaction.atomic():
        account = lock_account(account)
        account.separate_invoices, account.consolidate_monthly = separate_invoices, consolidate_monthly
        account.document_emails = emails
        account.save(update_fields=["separate_invoices", "consolidate_monthly", "document_emails"])
        audit(actor, "billing.document_wishes_changed", account)
    return account


def _checked(emails: list[str]) -> list[str]:
    """Each address once, as typed."""
    found = list({email.strip().lower(): email.strip() for email in emails if email.strip()}.values())
    if len(found) > MOST_READERS:
        raise AppError(_("At most %(most)s addresses.") % {"most": MOST_READERS}, code="too_many", field="document_emails")
    for email in found:
        try:
            validate_email(email)
        except ValidationError:
            words = _("%(address)s is not a mail address.") % {"address": email}
            raise AppError(words, code="not_an_address", field="document_emails") from None
    return found


def set_separate_invoice(subscription: Subscription, *, separate_invoice: bool, actor) -> Subscription:
    """Whether its renewals stand on invoices of their own."""
    with transaction.atomic():
        lock_account(subscription.account)
        subscription.refresh_from_db()
        subscription.separate_invoice = separate_invoice
        subscription.save(update_fields=["separate_invoice"])
        audit(actor, "billing.subscription_invoiced_apart", subscription)
    return subscription
