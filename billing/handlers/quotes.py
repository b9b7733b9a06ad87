"""Reactions to quotes and deposits."""

from billing.actions.quote_conversion import begin_on_deposit
from billing.events import InvoicePaid, QuoteAccepted, QuoteDeclined, QuoteDelivered
from billing.models import Invoice, Quote
from billing.queries.quote_letters import answer_letter, quote_letter, signed_letter
from clients.actions.staff_mail import mail_staff
from hostbill.core.access import SYSTEM
from hostbill.core.events import listen
from hostbill.core.notify import Recipient, notify

QUOTE_PDF = "billing.quote_pdf"


@listen(InvoicePaid, name="billing.begin_on_deposit_paid", later=True)
def begin_on_deposit_paid(event):
    """The deposit of a quote is paid: what was ordered with it begins."""
    begin_on_deposit(Invoice.objects.select_related("account").get(pk=event.invoice_id), actor=SYSTEM)


@listen(QuoteDelivered, name="billing.mail_on_quote_delivered", later=True)
def mail_on_quote_delivered(event):
    """The quote with its PDF and the link to sign it."""
    quote = Quote.objects.select_related("client").get(pk=event.quote_id)
    if quote.can_be_signed:
        _mail_quote("billing.quote_delivered", quote, quote_letter(quote), f"quote:{quote.pk}:{event.again}")


@listen(QuoteAccepted, name="billing.mail_on_quote_accepted", later=True)
def mail_on_quote_accepted(event):
    """What was signed, for those who signed it, and the news for staff."""
    quote = Quote.objects.select_related("client", "signature").get(pk=event.quote_id)
    _mail_quote("billing.quote_signed", quote, signed_letter(quote), f"quote-signed:{quote.pk}")
    _tell_staff("billing.quote_accepted", quote)


@listen(QuoteDeclined, name="billing.tell_staff_on_quote_declined", later=True)
def tell_staff_on_quote_declined(event):
    """Somebody said no."""
    _tell_staff("billing.quote_declined", Quote.objects.select_related("client").get(pk=event.quote_id))


def _mail_quote(kind, quote, context, key):
    """To the client's people, or to the address on the quote."""
    to = quote.client or Recipient(quote.email, f"{quote.first_name} {quote.last_name}".strip(), quote.language)
    subject = (quote._meta.label_lower, quote.pk)
    notify(kind, to=to, context=context, key=key, subject_ref=subject, attachments=[(QUOTE_PDF, quote.pk)])


def _tell_staff(kind, quote):
    mail_staff(kind, "billing.quote.edit", answer_letter(quote), f"{kind}:{quote.pk}", quote, quote.client_id)
