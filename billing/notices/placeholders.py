"""What the wordings may use, what previews show for it, and sentences that several mails share."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.notices import Notice, register_notice

CLIENT = {"client_name": _("name of the client"), "people_url": _("where contacts are managed")}
INVOICE = CLIENT | {
    "number": _("number of the invoice"),
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
    "transfer": _("how to pay by bank transfer, a sentence; empty without an IBAN"),
    "facts": _("block: the amount and its day"),
    "lines": _("block: the lines of the invoice"),
}
LATE = INVOICE | {
    "days_late": _("days since it was due"),
    "late": _("the same in words: 18 days late"),
    "site": _("name of the first service"),
    "sites": _("names of all services on it"),
    "is_several": _("true when there are several"),
    "suspend_on": _("day of the suspension"),
    "end_on": _("day of the deletion"),
    "steps": _("block: what happens when"),
}
CHARGE = INVOICE | {
    "card": _("the saved card"),
    "why": _("what the bank said"),
    "retry_on": _("day of the next try; empty when there is none"),
    "method_url": _("where cards are managed"),
}
MONEY = CLIENT | {
    "amount": _("the amount"),
    "method": _("how it was paid"),
    "numbers": _("numbers of the invoices"),
    "why": _("the reason"),
    "received_on": _("day"),
    "credited": _("part kept as credit"),
    "invoice_url": _("link to the invoice"),
    "url": _("the same link"),
    "facts": _("block: the amount"),
    "lines": _("block: the lines of the invoice"),
}
SUBSCRIPTION = CLIENT | {
    "what": _("the product"),
    "label": _("its name, mostly the domain"),
    "price": _("recurring price"),
    "cycle": _("how often"),
    "cancel_on": _("day on which it ends"),
    "ended_on": _("day on which it ended"),
    "why": _("the reason given"),
    "url": _("link to the client area"),
}
CHANGE = CLIENT | {
    "what": _("the plan before"),
    "to": _("the plan afterwards"),
    "label": _("the service, mostly its domain"),
    "on": _("day on which it changes"),
    "url": _("link to the subscription"),
}
TRANSFER = CLIENT | {
    "what": _("the plan"),
    "label": _("the service, mostly its domain"),
    "giver": _("name of the client who offers it"),
    "url": _("link to the offer"),
}
ORDER = {
    "number": _("number of the order"),
    "client_name": _("name of the client"),
    "what": _("the products"),
    "amount": _("total"),
    "state": _("state of the order"),
    "url": _("link to it in the console"),
}
TROUBLE = {key: ORDER[key] for key in ("client_name", "amount", "url")} | {"why": _("what the bank or gateway said")}

SAMPLE = {
    "number": "2027-0412",
    "reference": "2027-0412",
    "client_name": "Brandt Keramik",
    "people_url": "https://www.example.com/account/people/",
    "amount": "€47.60",
    "total": "€47.60",
    "issued_on": "1 October 2027",
    "due_on": "15 October 2027",
    "what": "shop.brandt.example and brandt.example",
    "iban": "DE85 9999 9999 0001 2345 67",
    "holder": "Nordhost GmbH",
    "transfer_reference": "2027-0412",
    "transfer": "By bank transfer: Nordhost GmbH, IBAN DE85 9999 9999 0001 2345 67, reference 2027-0412.",
    "days_late": 18,
    "late": "18 days late",
    "site": "brandt.example",
    "sites": "brandt.example",
    "is_several": False,
    "suspend_on": "Sunday 3 October 2027",
    "end_on": "Tuesday 2 November 2027",
    "card": "Visa •••• 4242",
    "why": "insufficient funds",
    "retry_on": "Monday 18 October 2027",
    "method": "Visa •••• 4242",
    "received_on": "3 October 2027",
    "numbers": "2027-0412",
    "credited": "",
    "label": "brandt.example",
    "price": "€12.00",
    "cycle": "Monthly",
    "cancel_on": "Sunday 14 November 2027",
    "ended_on": "Sunday 14 November 2027",
    "state": "Pending",
}

LATE_FACTS = {"label": "18 days late", "value": "€47.60", "tone": "bad", "side_lines": ["Grow hosting, monthly"]}
PAID_FACTS = {"label": _("Total"), "value": "€47.60", "tone": "ok", "side_label": _("Paid, nothing to do")}
RECEIVED = {"label": _("Received, thank you"), "value": "€47.60", "tone": "ok", "side_value": "3 October 2027"}
BY_CARD = {"label": _("We take"), "value": "€47.60", "side_label": _("On"), "side_value": "15 October 2027"}
BACK = {"label": _("Goes back to you"), "value": "€47.60", "side_label": _("To"), "side_value": "Visa •••• 4242"}
PRODUCT = {"what": "Grow hosting", "reference": ""}
ORDERED = {"number": "O-00042", "what": "Grow hosting", "reference": ""}

CONTACT = _("You get this mail because {{ client_name }} has you as a billing contact.")
MAY_CHANGE = _(
    "You get this mail because {{ client_name }} has you as a billing contact. [Change who gets invoices]({{ people_url }})."
)
MUST_COME = _(
    "You get this mail because {{ client_name }} has you as a billing contact. Warnings about your services cannot be switched off."
)
NO_SIGN_IN = _("Opens your own payment page, no sign-in needed. The PDF is attached.")
PAGE_ONLY = _("Opens your own payment page, no sign-in needed.")
NO_FEE = _("No reminder fee was added. Already paid by bank? It can take two days; you need do nothing.")
PAY = (_("Pay {{ amount }}"), "pay_url")
SEE_INVOICE = (_("See the invoice"), "invoice_url")


def notice(kind, label, subject, body, context, button, *, audience="client", area="billing", **more) -> None:
    """Declare one; its sample is what its placeholders say in the shared one."""
    sample = {name: value for name, value in SAMPLE.items() if name in context or name == "reference"}
    sample |= more.pop("sample", {})
    more = {"reason": CONTACT if audience == "client" else ""} | more
    area = area if audience == "client" else ""
    register_notice(
        Notice(f"billing.{kind}", label, audience, subject, body, context, button, area=area, sample=sample, **more)
    )
