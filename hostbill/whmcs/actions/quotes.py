"""Quotes: write, deliver, move, accept."""

from datetime import timedelta

from billing.actions.quote import (
    create_quote,
    delete_quote,
    deliver_quote,
    hold_quote,
    kill_quote,
    lose_quote,
    offered_lines,
    resume_quote,
    send_quote_again,
    update_quote,
)
from billing.actions.quote_acceptance import Signing, accept_quote
from billing.actions.quote_conversion import convert_quote
from billing.api.drafts import exact
from billing.api.quotes import QuoteBody, QuoteOfProspect
from billing.models import Quote
from clients.models import Client
from hostbill.core import clock
from hostbill.core.access import require
from hostbill.core.events import without
from hostbill.whmcs import find
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.answers import paged
from hostbill.whmcs.billing_words import STAGES, stage_of, tax_class
from hostbill.whmcs.bodies import from_body
from hostbill.whmcs.currencies import currency_of
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.records.found import client_of
from hostbill.whmcs.records.quote import quote_record
from hostbill.whmcs.values import Values

VIEW, EDIT, ACCEPT = "billing.quote.view", "billing.quote.edit", "billing.quote.accept"
MAIL_OF_DELIVERY = "billing.mail_on_quote_delivered"
WORDS = {"subject": "subject", "proposal": "introduction", "customernotes": "notes", "adminnotes": "staff_notes"}
PERSON = {
    "firstname": "first_name",
    "lastname": "last_name",
    "companyname": "company",
    "email": "email",
    "address1": "address1",
    "address2": "address2",
    "city": "city",
    "state": "region",
    "postcode": "postcode",
    "country": "country",
    "phonenumber": "phone",
    "tax_id": "tax_id",
}
NAMES = {ours: theirs for theirs, ours in (WORDS | PERSON).items()} | {"valid_until": "validuntil", "client": "userid"}
LINE = {"desc": "description", "qty": "quantity", "up": "unit_amount", "discount": "discount_percent"}
CONTENT = ("lineitems", "validuntil", "currency", "userid", *WORDS, *PERSON)
DAYS = {"datecreated": "created_at", "lastmodified": "updated_at"}
OPTIONAL = (
    "datecreated lineitems userid firstname lastname companyname email address1 address2 city state postcode country "
    "phonenumber tax_id currency proposal customernotes adminnotes"
)


@action(
    "GetQuotes", "Billing", needs=VIEW,
    optional="limitstart limitnum quoteid userid subject stage datecreated lastmodified validuntil",
)  # fmt: skip
def get_quotes(call: Call) -> dict:
    """A page, the newest first."""
    values, rows = call.values, Quote.objects.visible_to(call.actor)
    for name, column in (("quoteid", "pk"), ("userid", "client_id")):
        if (number := values.whole(name)) is not None:
            rows = rows.filter(**{column: number})
    if values.text("subject"):
        rows = rows.filter(subject__icontains=values.text("subject"))
    if values.text("stage"):
        word = stage_of(values.text("stage"))
        rows = rows.filter(state__in=[state for state, stage in STAGES.items() if stage == word])
    if values.day("validuntil"):
        rows = rows.filter(valid_until=values.day("validuntil"))
    for name, column in DAYS.items():
        if day := values.day(name):
            rows = rows.filter(**{f"{column}__gte": clock.start_of(day), f"{column}__lt": clock.start_of(day + timedelta(days=1))})
    return paged(values, rows.prefetch_related("lines").order_by("-pk"), "quotes", "quote", quote_record)


@action(
    "CreateQuote", "Billing", needs=EDIT, required="subject stage validuntil", optional=OPTIONAL,
    missing="datecreated is the day itself; a quote has at least one line; discount is in percent; validuntil cannot have passed",
)  # fmt: skip
def create(call: Call) -> dict:
    """A draft, moved to the stage that is asked for; no mail goes out before SendQuote."""
    values, stage = call.values, stage_of(call.values.text("stage"))
    client = client_of(call, "userid") if values.whole("userid") else None
    body = _words(values) | {"lines": [_line(row) for row in _lines(values)]}
    body |= {"client": client.pk} if client else _person(values)
    clients = Client.objects.filter(pk=client.pk) if client else Client.objects.none()
    made = lambda data=None: QuoteOfProspect(data, instance=Quote(), clients=clients)  # noqa: E731
    clean = from_body(made, body, NAMES)
    quote = create_quote(clean.pop("lines"), actor=call.actor, **clean)
    move(call, quote, stage)
    return {"quoteid": quote.pk}


@action(
    "UpdateQuote", "Billing", needs=EDIT, required="quoteid",
    optional=f"subject stage validuntil {OPTIONAL}",
    missing="Words and lines change while the quote is a draft; a delivered one gets a new version in the console. userid does "
    "not change; datecreated is the day itself; a delivered quote never becomes a draft again",
)  # fmt: skip
def update(call: Call) -> dict:
    """Change a draft; move any quote to another stage."""
    values, quote = call.values, find.quote(call)
    stage = stage_of(values.text("stage")) if values.text("stage") else ""
    if values.whole("userid") not in (None, 0, quote.client_id):
        raise Refused("userid: a quote stays with whom it is for. Write another one")
    if any(values.has(name) for name in CONTENT) and _is_content(values, quote):
        _rewrite(call, quote)
    move(call, Quote.objects.get(pk=quote.pk), stage)
    return {"quoteid": quote.pk}


def _is_content(values: Values, quote: Quote) -> bool:
    """Of one that is put aside, a new last day goes with the stage."""
    sent = {name for name in CONTENT if values.has(name)} - {"userid"}
    return bool(sent) and not (sent == {"validuntil"} and quote.state in ("on_hold", "expired", "lost"))


def _rewrite(call: Call, quote: Quote) -> None:
    values = call.values
    body = _words(values) | {"lines": _merged(quote, _lines(values))}
    if quote.client_id is None:
        body |= _person(values)
    made = QuoteBody if quote.client_id else QuoteOfProspect
    if quote.state != Quote.State.DRAFT:
        raise Refused("This quote is delivered: its words and lines stay, but it can have a new version")
    clean = from_body(lambda data=None: made(data, instance=Quote.objects.get(pk=quote.pk)), body, NAMES, keeps=True)
    update_quote(quote, clean.pop("lines"), actor=call.actor, **clean)


def _words(values: Values) -> dict:
    found = {ours: values.text(theirs) for theirs, ours in WORDS.items() if values.has(theirs)}
    day = values.day("validuntil")
    return found | ({"valid_until": day.isoformat()} if day else {})


def _person(values: Values) -> dict:
    """Somebody who is no client."""
    found = {ours: values.text(theirs) for theirs, ours in PERSON.items() if values.text(theirs)}
    if values.text("currency"):
        found["currency"] = currency_of(values.text("currency"))
    return found


def _lines(values: Values) -> list[Values]:
    """From PHP brackets or from a serialised array."""
    rows = values.serialised("lineitems")
    if not all(isinstance(row, dict) for row in rows.values()):
        raise Refused("lineitems is an array of arrays with desc, qty, up, discount, taxable")
    return [Values(row) for row in rows.values()]


def _line(row: Values) -> dict:
    """What was sent of a line, by our names."""
    found = {ours: row.text(theirs) for theirs, ours in LINE.items() if row.text(theirs)}
    return {"quantity": "1"} | found | {"tax_class": tax_class(row.flag("taxable"))}


def _merged(quote: Quote, sent: list[Values]) -> list[dict]:
    """The lines that stand, with what was sent for them by their ids; then the new ones."""
    changes = {row.whole("id"): row for row in sent if row.whole("id")}
    found = []
    for line, offered in zip(quote.lines.all(), offered_lines(quote), strict=True):
        row = changes.pop(line.pk, None)
        found.append(_standing(offered) | (_changes(row) if row else {}))
    if changes:
        raise Refused(f"Line item {next(iter(changes))} is not on this quote")
    return found + [_line(row) for row in sent if not row.whole("id")]


def _changes(row: Values) -> dict:
    found = _line(row)
    if not row.has("qty"):
        found.pop("quantity")
    if not row.has("taxable"):
        found.pop("tax_class")
    return found


def _standing(line) -> dict:
    """A line as it could be sent again."""
    found = {"description": line.description, "tax_class": line.tax_class}
    found |= {name: exact(getattr(line, name)) for name in ("quantity", "unit_amount", "discount_percent")}
    if line.product:
        found |= {"product": line.product.pk, "cycle": line.cycle, "setup_amount": exact(line.setup_amount)}
    return found


def move(call: Call, quote: Quote, stage: str) -> None:
    """To the stage, by the acts that lead there; nothing when it is there already."""
    actor = call.actor
    if not stage or STAGES[quote.state] == stage and quote.state != Quote.State.EXPIRED:
        return
    if stage == "Draft":
        raise Refused("A delivered quote does not become a draft again: it can have a new version")
    if stage == "Dead":
        kill_quote(quote, actor=actor, reason="By API")
        return
    if stage == "Accepted":
        require(actor, ACCEPT)
        accepted(call, quote)
        return
    if quote.state == Quote.State.DRAFT:
        with without(MAIL_OF_DELIVERY):
            quote = deliver_quote(quote, actor=actor)
    if stage == "On Hold":
        hold_quote(quote, actor=actor, reason="By API")
    elif stage == "Lost":
        lose_quote(quote, actor=actor, reason="By API")
    elif quote.state != Quote.State.DELIVERED:
        resume_quote(quote, actor=actor, valid_until=call.values.day("validuntil") or quote.valid_until)


@action("SendQuote", "Billing", needs=EDIT, required="quoteid")
def send_quote(call: Call) -> dict:
    """Deliver a draft; mail a delivered one again."""
    quote = find.quote(call)
    act = deliver_quote if quote.state == Quote.State.DRAFT else send_quote_again
    act(quote, actor=call.actor)
    return {}


@action(
    "AcceptQuote", "Billing", needs=ACCEPT, required="quoteid",
    missing="What products ask (a domain) has to be answered on the quote's page before",
)  # fmt: skip
def accept(call: Call) -> dict:
    """A yes that came otherwise: kept as evidence with the name of whoever owns the credentials; then its invoice."""
    return {"invoiceid": accepted(call, find.quote(call)).invoice_id}


def accepted(call: Call, quote: Quote) -> Quote:
    """Signed and invoiced, or neither. Refused with the reason for which no invoice can be made."""
    if quote.state == Quote.State.DRAFT:
        with without(MAIL_OF_DELIVERY):
            quote = deliver_quote(quote, actor=call.actor)
    told = f"Accepted by API, {call.actor.label}, {clock.today().isoformat()}"
    quote = accept_quote(quote, Signing(quote.addressee_name, told, "staff"), actor=call.actor)
    if quote.trouble:
        raise Refused(quote.trouble)
    return quote if quote.converted_at else convert_quote(quote, actor=call.actor)


@action(
    "DeleteQuote", "Billing", needs=EDIT, required="quoteid", missing="Only a draft: a delivered quote has a number and stays",
)  # fmt: skip
def delete(call: Call) -> dict:
    """Throw a draft away."""
    quote = find.quote(call)
    if quote.state != Quote.State.DRAFT:
        raise Refused("Only a draft can be deleted: a delivered quote has a number. Set its stage to Dead instead")
    delete_quote(quote, actor=call.actor)
    return {}
