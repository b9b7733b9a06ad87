"""Quotes and statements of account."""

from django.utils.translation import gettext_lazy as _

from billing.models import Quote, StatementSent
from billing.queries.quote_document import quote_file_name, quote_pdf
from billing.queries.statement_document import statement_file_name, statement_pdf
from hostbill.core.notices import sample_lines
from hostbill.core.notify import register_attachment

from .placeholders import CLIENT, notice

QUOTE = {
    "number": _("number of the quote"),
    "client_name": _("whom it is for"),
    "subject": _("subject of the quote"),
    "introduction": _("introduction of the quote"),
    "amount": _("total"),
    "valid_until": _("last day on which it holds"),
    "quote_url": _("link to read and sign it without signing in"),
    "signed_name": _("name typed as the signature"),
    "facts": _("block: the amount and its day"),
    "lines": _("block: the lines of the quote"),
}
ANSWER = {
    "number": _("number of the quote"),
    "client_name": _("whom it is for"),
    "subject": _("subject of the quote"),
    "amount": _("total"),
    "why": _("the reason"),
    "url": _("link to it in the console"),
}
STATEMENT = CLIENT | {
    "period": _("the days it covers"),
    "balance": _("what is open at the end; negative for credit"),
    "url": _("link to the statement in the client area"),
    "facts": _("block: the amount and its day"),
}
OFFER = {
    "number": "Q-2027-0012",
    "reference": "Q-2027-0012",
    "client_name": "Brandt Keramik",
    "subject": _("Move of five shops"),
    "introduction": "",
    "amount": "€1,190.00",
    "valid_until": "15 October 2027",
    "signed_name": "Lena Brandt",
    "why": "",
    "facts": {"label": _("Total"), "value": "€1,190.00", "side_label": _("Valid until"), "side_value": "15 October 2027"},
    "lines": sample_lines(
        [{"text": _("Move of five shops"), "amount": "€1,000.00"}], net="€1,000.00", tax="€190.00", total=(_("Total"), "€1,190.00")
    ),
}
WHY = _("Somebody asked us for a quote for {{ client_name }}, so you get this mail.")
READ = (_("Read and sign it"), "quote_url")
NO_ACCOUNT = _("Opens your own page, no sign-in needed. The PDF is attached.")


def attach_quote(quote_id: int) -> tuple[str, bytes, str]:
    """The quote's document, rendered when the mail leaves."""
    quote = Quote.objects.select_related("client").get(pk=quote_id)
    return quote_file_name(quote), quote_pdf(quote), "application/pdf"


def attach_statement(sent_id: int) -> tuple[str, bytes, str]:
    """The statement's document, rendered when the mail leaves."""
    sent = StatementSent.objects.select_related("account__client").get(pk=sent_id)
    content = statement_pdf(sent.account, sent.first, sent.last)
    return statement_file_name(sent.account, sent.first, sent.last), content, "application/pdf"


register_attachment("billing.quote_pdf", attach_quote)
register_attachment("billing.statement_pdf", attach_statement)

notice(
    "quote_delivered",
    _("Quote"),
    _("Our quote {{ number }}: {{ subject }}"),
    _(
        "# {{ subject }}\n\n"
        "{{ hello }}, here is our quote {{ number }}. {{ introduction }}\n\n"
        "[[facts]]\n\n[[button]]\n\n[[lines]]\n\n"
        "Is something missing? Just answer this mail; a person reads it."
    ),
    QUOTE,
    READ,
    note=NO_ACCOUNT,
    reason=WHY,
    sample=OFFER,
)
notice(
    "quote_reminder",
    _("Reminder of a quote"),
    _("Our quote {{ number }} holds until {{ valid_until }}"),
    _(
        "# {{ subject }}\n\n"
        "{{ hello }}, our quote {{ number }} holds until {{ valid_until }}. If you do not want it, say so on its page and we "
        "do not write about it again.\n\n"
        "[[facts]]\n\n[[button]]\n\n[[lines]]"
    ),
    QUOTE,
    READ,
    note=NO_ACCOUNT,
    reason=WHY,
    sample=OFFER,
)
notice(
    "quote_signed",
    _("Quote, signed"),
    _("Signed: quote {{ number }}, {{ subject }}"),
    _(
        "# Thank you\n\n"
        "{{ hello }}, {{ signed_name }} has signed quote {{ number }}. The signed quote is attached for your records; an invoice "
        "comes by a mail of its own.\n\n"
        "[[facts]]\n\n[[button]]\n\n[[lines]]"
    ),
    QUOTE,
    (_("See the quote"), "quote_url"),
    note=_("The PDF is attached."),
    reason=WHY,
    sample=OFFER,
)
notice(
    "quote_accepted",
    _("A quote is accepted"),
    _("{{ client_name }} accepted quote {{ number }}: {{ amount }}"),
    _("**{{ client_name }}** accepted quote {{ number }}, {{ subject }}, over {{ amount }}. {{ why }}"),
    ANSWER,
    (_("Open the quote"), "url"),
    audience="staff",
    sample=OFFER,
)
notice(
    "quote_declined",
    _("A quote is declined"),
    _("{{ client_name }} declined quote {{ number }}"),
    _("**{{ client_name }}** said no to quote {{ number }}, {{ subject }}, over {{ amount }}: {{ why }}"),
    ANSWER,
    (_("Open the quote"), "url"),
    audience="staff",
    sample=OFFER,
)
notice(
    "statement",
    _("Statement of account"),
    _("Your statement of account, {{ period }}"),
    _(
        "# Your statement of account\n\n"
        "{{ hello }}, attached is what was billed and paid for {{ client_name }}, {{ period }}. It is for your records and no "
        "invoice.\n\n"
        "[[facts]]\n\n[[button]]"
    ),
    STATEMENT,
    (_("See the statement"), "url"),
    note=_("The PDF is attached."),
    sample={
        "period": "1 – 30 September 2027",
        "balance": "€47.60",
        "reference": "",
        "facts": {"label": _("Balance at the end"), "value": "€47.60", "side_label": _("Until"), "side_value": "30 September 2027"},
    },
)
