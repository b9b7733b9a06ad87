"""Mails about invoices, payments and subscriptions: what each says, with one next step."""

from django.utils.translation import gettext_lazy as _

from billing.models import Invoice
from billing.queries.invoice_document import invoice_file_name, invoice_pdf
from hostbill.core.notices import Notice, register_notice
from hostbill.core.notify import register_attachment

INVOICE_PDF = "billing.invoice_pdf"


def attach_invoice(invoice_id: int) -> tuple[str, bytes, str]:
    """The invoice's document, rendered when the mail leaves."""
    invoice = Invoice.objects.select_related("client").get(pk=invoice_id)
    return invoice_file_name(invoice), invoice_pdf(invoice), "application/pdf"


register_attachment(INVOICE_PDF, attach_invoice)

INVOICE = {
    "number": _("number of the invoice"),
    "client_name": _("name of the client"),
    "amount": _("what is still to pay"),
    "total": _("total of the invoice"),
    "issued_on": _("date of the invoice"),
    "due_on": _("day by which to pay"),
    "what": _("what it covers, in a few words"),
    "pay_url": _("link to pay without signing in"),
    "invoice_url": _("link to the invoice in the client area"),
    "iban": _("our IBAN"),
    "holder": _("holder of our bank account"),
    "transfer_reference": _("reference for bank transfers"),
    "facts": _("block: the amount and its day"),
    "lines": _("block: the lines of the invoice"),
}
LATE = INVOICE | {
    "days_late": _("days since it was due"),
    "site": _("name of the first service"),
    "sites": _("names of all services on it"),
    "is_several": _("true when there are several"),
    "suspend_on": _("day of the suspension"),
    "end_on": _("day of the deletion"),
    "steps": _("block: what happens when"),
}
BILLING_REASON = _("You get this mail because you are a billing contact of {{ client_name }}.")
SAMPLE = {
    "number": "2027-0412",
    "reference": "Invoice 2027-0412",
    "client_name": "Brandt Keramik",
    "amount": "€47.60",
    "total": "€47.60",
    "issued_on": "1 October 2027",
    "due_on": "15 October 2027",
    "what": "shop.brandt.example and brandt.example",
    "iban": "DE85 9999 9999 0001 2345 67",
    "holder": "Nordhost GmbH",
    "transfer_reference": "2027-0412",
    "days_late": 18,
    "site": "brandt.example",
    "sites": "brandt.example",
    "is_several": False,
    "suspend_on": "Sunday 3 October 2027",
    "end_on": "Tuesday 2 November 2027",
}


def _notice(kind, label, subject, body, context, **more) -> None:
    """One to the billing contacts of a client."""
    more = {"audience": "client", "area": "billing", "reason": BILLING_REASON, "sample": SAMPLE} | more
    register_notice(Notice(kind=kind, label=label, subject=subject, body=body, context=context, **more))


_notice(
    "billing.invoice_issued",
    _("Invoice"),
    _("Invoice {{ number }}: {{ amount }}, due {{ due_on }}"),
    _(
        "# Your invoice for {{ what }}\n\n"
        "{{ hello }}, here is invoice {{ number }}. Pay it whenever it suits you until {{ due_on }}.\n\n"
        "[[facts]]\n\n[[button]]\n\n[[lines]]\n\n"
        "{% if iban != '' %}By bank transfer: IBAN {{ iban }}, {{ holder }}, reference {{ transfer_reference }}. {% endif %}"
        "Something wrong? Just answer this mail; a person reads it."
    ),
    INVOICE,
    button=(_("Pay {{ amount }}"), "pay_url"),
    note=_("Opens your own payment page, no sign-in needed. The PDF is attached."),
)
_notice(
    "billing.invoice_paid_at_once",
    _("Invoice, already paid"),
    _("Invoice {{ number }}: {{ total }}, paid"),
    _(
        "# Your invoice for {{ what }} is paid\n\n"
        "{{ hello }}, this is for your records: invoice {{ number }} over {{ total }} is settled. There is nothing to do.\n\n"
        "[[lines]]\n\n[[button]]"
    ),
    INVOICE,
    button=(_("See the invoice"), "invoice_url"),
    note=_("The PDF is attached."),
)
_notice(
    "billing.invoice_reminder",
    _("Reminder before the due date"),
    _("{{ amount }} for {{ what }} is due on {{ due_on }}"),
    _(
        "# {{ amount }} is due on {{ due_on }}\n\n"
        "{{ hello }}, invoice {{ number }} for {{ what }} is still open. If you have just paid it, there is nothing to do.\n\n"
        "[[facts]]\n\n[[button]]\n\n"
        "{% if iban != '' %}By bank transfer: IBAN {{ iban }}, {{ holder }}, reference {{ transfer_reference }}. {% endif %}"
        "A bank transfer can take two days to reach us."
    ),
    INVOICE,
    button=(_("Pay {{ amount }}"), "pay_url"),
    note=_("Opens your own payment page, no sign-in needed. The PDF is attached."),
)
_notice(
    "billing.card_charge_ahead",
    _("A saved card will be charged"),
    _("{{ amount }} will be taken from your card on {{ due_on }}"),
    _(
        "# {{ amount }} on {{ due_on }}, by card\n\n"
        "{{ hello }}, we take invoice {{ number }} for {{ what }} from {{ card }}. You need do nothing.\n\n"
        "[[facts]]\n\n[[lines]]\n\n[[button]]"
    ),
    INVOICE | {"card": _("the saved card")},
    button=(_("Pay in another way"), "pay_url"),
)
_notice(
    "billing.invoice_overdue",
    _("Reminder after the due date"),
    _("Invoice {{ number }} is {{ days_late }} {% if days_late == 1 %}day{% else %}days{% endif %} late: {{ amount }}"),
    _(
        "# {{ amount }} for {{ what }} is still open\n\n"
        "{{ hello }}, invoice {{ number }} was due on {{ due_on }}. It may simply have slipped through; "
        "paying it now settles everything.\n\n"
        "[[facts]]\n\n[[button]]\n\n[[steps]]\n\n"
        "{% if iban != '' %}By bank transfer: IBAN {{ iban }}, {{ holder }}, reference {{ transfer_reference }}. {% endif %}"
        "Cannot pay right now? Answer this mail and we find a way."
    ),
    LATE,
    button=(_("Pay {{ amount }}"), "pay_url"),
    note=_("No reminder fee was added. Already paid by bank? It can take two days; you need do nothing."),
)
_notice(
    "billing.suspension_warning",
    _("Warning before suspension"),
    _("{{ sites }} will be suspended on {{ suspend_on }}"),
    _(
        "{{ hello }}, invoice {{ number }} was due on {{ due_on }} and is still unpaid. It may simply have slipped through; "
        "paying it now stops everything below.\n\n"
        "[[facts]]\n\n[[button]]\n\n[[steps]]\n\n"
        "Need a few more days? Answer this mail; a person reads it and can give them to you."
    ),
    LATE,
    button=(_("Pay {{ amount }} and keep {% if is_several %}them{% else %}it{% endif %} online"), "pay_url"),
    note=_("No reminder fee was added. Already paid by bank? It can take two days; you need do nothing."),
    reason=_(
        "You get this mail because you are a billing contact of {{ client_name }}. Warnings about your services cannot be switched off."
    ),
)
_notice(
    "billing.suspended_for_nonpayment",
    _("Suspended because an invoice is unpaid"),
    _("{{ sites }} is suspended: invoice {{ number }} is unpaid"),
    _(
        "# {{ sites }} is offline since today\n\n"
        "{{ hello }}, invoice {{ number }} was due on {{ due_on }}. Your files, databases and mailboxes are safe. "
        "Paying brings everything back, usually within a minute.\n\n"
        "[[facts]]\n\n[[button]]\n\n[[steps]]\n\n"
        "{% if iban != '' %}By bank transfer: IBAN {{ iban }}, {{ holder }}, reference {{ transfer_reference }}. {% endif %}"
        "Need time, or think this is a mistake? Answer this mail."
    ),
    LATE,
    button=(_("Pay {{ amount }} and bring it back"), "pay_url"),
    note=_("No reminder fee was added."),
    reason=_(
        "You get this mail because you are a billing contact of {{ client_name }}. Warnings about your services cannot be switched off."
    ),
)
_notice(
    "billing.termination_warning",
    _("Warning before deletion"),
    _("{{ sites }} will be deleted on {{ end_on }}"),
    _(
        "{{ hello }}, invoice {{ number }} was due on {{ due_on }} and {{ sites }} has been offline for a while. "
        "On {{ end_on }} the account is deleted with its files, databases, mailboxes and backups. That cannot be undone.\n\n"
        "[[facts]]\n\n[[button]]\n\n[[steps]]\n\n"
        "Want to leave? Answer this mail before that day and we send you a copy of your data."
    ),
    LATE,
    button=(_("Pay {{ amount }} and keep everything"), "pay_url"),
    note=_("It is back online usually within a minute of the payment."),
    reason=_(
        "You get this mail because you are a billing contact of {{ client_name }}. Warnings about your services cannot be switched off."
    ),
)
CHARGE = INVOICE | {
    "card": _("the saved card"),
    "why": _("what the bank said"),
    "method_url": _("where cards are managed"),
}
_notice(
    "billing.charge_failed",
    _("Card declined"),
    _("Your card was declined for invoice {{ number }}"),
    _(
        "# We could not take {{ amount }}\n\n"
        "{{ hello }}, the payment of invoice {{ number }} for {{ what }} did not go through{% if card != '' %} on {{ card }}{% endif %}. "
        "{% if why != '' %}The bank says: {{ why }}{% endif %}\n\n"
        "[[facts]]\n\n[[button]]\n\n"
        "We try the card again in a few days unless you pay before. Nothing is switched off today."
    ),
    CHARGE,
    button=(_("Pay {{ amount }} with another card"), "pay_url"),
    note=_("Opens your own payment page, no sign-in needed."),
    sample=SAMPLE | {"card": "Visa •••• 4242", "why": "insufficient funds."},
)
_notice(
    "billing.charge_needs_action",
    _("The bank asks for a confirmation"),
    _("Please confirm the payment of {{ amount }}"),
    _(
        "# Your bank wants you to confirm {{ amount }}\n\n"
        "{{ hello }}, we tried to pay invoice {{ number }} for {{ what }} with {{ card }}. "
        "The bank lets it through only after you have confirmed it; that takes a minute.\n\n"
        "[[facts]]\n\n[[button]]"
    ),
    CHARGE,
    button=(_("Confirm {{ amount }}"), "pay_url"),
    note=_("Opens your own payment page, no sign-in needed."),
    sample=SAMPLE | {"card": "Visa •••• 4242", "why": ""},
)
_notice(
    "billing.payment_received",
    _("Receipt"),
    _("We received {{ amount }}, thank you"),
    _(
        "# {{ amount }} received, thank you\n\n"
        "{{ hello }}, your payment{% if method != '' %} by {{ method }}{% endif %}"
        "{% if numbers != '' %} for invoice {{ numbers }}{% endif %} "
        "is booked. There is nothing left to do."
        "{% if credited != '' %} {{ credited }} of it is kept as credit for your next invoice.{% endif %}\n\n"
        "[[facts]]\n\n[[lines]]\n\n[[button]]"
    ),
    {
        "client_name": _("name of the client"),
        "amount": _("what came in"),
        "method": _("how it was paid"),
        "received_on": _("day"),
        "numbers": _("numbers of the paid invoices"),
        "credited": _("part kept as credit"),
        "invoice_url": _("link to the invoice"),
        "facts": _("block: the amount"),
        "lines": _("block: the lines of the invoice"),
    },
    button=(_("See the invoice"), "invoice_url"),
    sample=SAMPLE
    | {"method": "Visa •••• 4242", "received_on": "3 October 2027", "numbers": "2027-0412", "credited": ""},
)
_notice(
    "billing.refund_made",
    _("Refund"),
    _("We send {{ amount }} back to you"),
    _(
        "# {{ amount }} is on its way back\n\n"
        "{{ hello }}, we refunded {{ amount }}{% if numbers != '' %} of invoice {{ numbers }}{% endif %} "
        "to the card or account you paid with. Banks show it within five to ten days.\n\n"
        "{% if why != '' %}Reason: {{ why }}{% endif %}"
    ),
    {
        "client_name": _("name of the client"),
        "amount": _("what goes back"),
        "why": _("the reason"),
        "numbers": _("number of the invoice"),
        "method": _("how it was paid"),
        "url": _("link to the invoice"),
    },
    button=(_("See the invoice"), "url"),
    sample=SAMPLE | {"why": "paid twice", "numbers": "2027-0412", "method": "Visa"},
)
SUBSCRIPTION = {
    "client_name": _("name of the client"),
    "what": _("the product"),
    "label": _("its name, mostly the domain"),
    "price": _("recurring price"),
    "cycle": _("how often"),
    "cancel_on": _("day on which it ends"),
    "ended_on": _("day on which it ended"),
    "why": _("the reason given"),
    "url": _("link to the client area"),
}
SUBSCRIPTION_SAMPLE = {
    "client_name": "Brandt Keramik",
    "what": "Grow hosting",
    "label": "brandt.example",
    "price": "€12.00",
    "cycle": "Monthly",
    "cancel_on": "Sunday 14 November 2027",
    "ended_on": "Sunday 14 November 2027",
    "why": "",
}
_notice(
    "billing.subscription_cancelled",
    _("Cancellation confirmed"),
    _("{{ label }} ends on {{ cancel_on }}"),
    _(
        "# Your cancellation is confirmed\n\n"
        "{{ hello }}, {{ what }} for **{{ label }}** runs until {{ cancel_on }}. We charge nothing more for it. "
        "Save what you need before that day: afterwards the files, databases and mailboxes are deleted.\n\n"
        "[[button]]\n\nChanged your mind? Until then you can take the cancellation back there."
    ),
    SUBSCRIPTION,
    button=(_("Open the client area"), "url"),
    area="services",
    sample=SUBSCRIPTION_SAMPLE,
)
_notice(
    "billing.subscription_ended",
    _("Subscription ended"),
    _("{{ label }} has ended"),
    _(
        "# {{ label }} has ended\n\n"
        "{{ hello }}, {{ what }} for **{{ label }}** ended on {{ ended_on }}. Nothing more is charged for it. "
        "Thank you for having been with us; if we can do better, an answer to this mail reaches a person."
    ),
    SUBSCRIPTION,
    area="services",
    sample=SUBSCRIPTION_SAMPLE,
)
register_notice(
    Notice(
        kind="billing.order_placed",
        label=_("New order"),
        audience="staff",
        subject=_("Order {{ number }}: {{ client_name }}, {{ amount }}"),
        body=_("**{{ client_name }}** ordered {{ what }}. It is {{ state }}."),
        context={
            "number": _("number of the order"),
            "client_name": _("name of the client"),
            "what": _("the products"),
            "amount": _("total"),
            "state": _("state of the order"),
            "url": _("link to the order"),
        },
        button=(_("Open the order"), "url"),
        sample={
            "number": "O-00042",
            "client_name": "Brandt Keramik",
            "what": "Grow hosting",
            "amount": "€47.60",
            "state": "Pending",
        },
    )
)
register_notice(
    Notice(
        kind="billing.refund_failed",
        label=_("A refund failed"),
        audience="staff",
        subject=_("A refund of {{ amount }} to {{ client_name }} failed"),
        body=_(
            "The gateway could not return {{ amount }} to **{{ client_name }}**: {{ why }}. "
            "Please look at the payment and choose another way."
        ),
        context={
            "client_name": _("name of the client"),
            "amount": _("the amount"),
            "why": _("what the gateway said"),
            "url": _("link to the payment"),
        },
        button=(_("Open the payment"), "url"),
        sample={"client_name": "Brandt Keramik", "amount": "€47.60", "why": "the card is closed"},
    )
)

register_notice(
    Notice(
        kind="billing.dispute_opened",
        label=_("A payment is disputed"),
        audience="staff",
        subject=_("{{ client_name }} disputes a payment of {{ amount }}"),
        body=_(
            "The bank of **{{ client_name }}** took {{ amount }} back: {{ why }}. The invoice is open again and will not be "
            "charged by itself. Answer at the gateway within its time limit."
        ),
        context={
            "client_name": _("name of the client"),
            "amount": _("the amount"),
            "why": _("the reason given"),
            "url": _("link to the payment"),
        },
        button=(_("Open the payment"), "url"),
        sample={"client_name": "Brandt Keramik", "amount": "€47.60", "why": "fraudulent"},
    )
)
