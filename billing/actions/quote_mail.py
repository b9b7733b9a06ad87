"""Mails about quotes that no event asks for."""

from billing.models import Quote
from billing.queries.quote_letters import quote_letter
from hostbill.core.notify import Recipient, notify


def remind_of_quote(quote: Quote) -> bool:
    """Its last day comes near: once per last day, however often it is asked for. False without a mailbox to write to."""
    to = quote.client or Recipient(quote.email, f"{quote.first_name} {quote.last_name}".strip(), quote.language)
    sent = notify(
        "billing.quote_reminder",
        to=to,
        context=quote_letter(quote),
        key=f"quote-reminder:{quote.pk}:{quote.valid_until}",
        subject_ref=(quote._meta.label_lower, quote.pk),
        attachments=[("billing.quote_pdf", quote.pk)],
    )
    return bool(sent)
