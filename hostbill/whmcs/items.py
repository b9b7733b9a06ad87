"""Items and terms of an invoice as callers send them, through the forms of its editor."""

import re
from datetime import date, timedelta
from decimal import Decimal

from billing.actions.draft import lines_of
from billing.actions.lines import NewLine
from billing.api.drafts import LineBody
from billing.forms.invoice import MOST_LINES, DraftForm
from billing.models import Invoice
from hostbill.core import clock
from hostbill.whmcs.billing_words import gateway_of, is_taxed, tax_class
from hostbill.whmcs.bodies import from_body
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.records.invoice import rate
from hostbill.whmcs.values import ON, Values

NUMBERED = re.compile(r"itemdescription(\d{1,4})")
ONE_DAY = timedelta(days=1)
CHANGED = "itemdescription", "itemamount", "itemtaxed"
ADDED = "newitemdescription", "newitemamount", "newitemtaxed"


def numbered_lines(values: Values) -> list[NewLine]:
    """Of itemdescription1, itemamount1, itemtaxed1 and so on."""
    numbers = sorted(int(match[1]) for name in values.found if (match := NUMBERED.fullmatch(name)))
    if not numbers:
        raise Refused("An invoice needs at least one item: itemdescription1, itemamount1")
    rows = [
        (f"item {n}", values.text(f"itemdescription{n}"), values.amount(f"itemamount{n}"), values.flag(f"itemtaxed{n}"))
        for n in numbers
    ]
    return [_new_line(*row) for row in rows][:room(len(rows))]


def room(count: int) -> int:
    if count > MOST_LINES:
        raise Refused(f"An invoice has at most {MOST_LINES} items")
    return count


def _new_line(where: str, text: str, amount: Decimal | None, taxed: bool) -> NewLine:
    if not text or amount is None:
        raise Refused(f"{where} needs a description and an amount")
    row = {"description": text, "unit_amount": f"{amount:f}", "tax_class": tax_class(taxed)}
    return NewLine(**from_body(lambda data=None: LineBody(data), row, {"description": where, "unit_amount": where}))


def terms(values: Values, due_on: date, notes: str) -> dict:
    """Due day and notes: what was sent, through the editor's form; the others as they are."""
    sent = {}
    if day := values.day("duedate"):
        sent["due_on"] = day.isoformat()
    if values.has("notes"):
        sent["notes"] = values.text("notes")
    body = {"due_on": clock.today().isoformat()} | sent
    clean = from_body(lambda data=None: DraftForm(data), body, {"due_on": "duedate"})
    return {"due_on": clean["due_on"] if "due_on" in sent else due_on, "notes": clean["notes"] if "notes" in sent else notes}


def only_today(values: Values, day: date) -> None:
    """Within a day: the caller's clock may stand in another zone."""
    sent = values.day("date")
    if sent and abs(sent - day) > ONE_DAY:
        raise Refused(f"date: an invoice bears the day on which it is issued, {day}")


def check_method(values: Values) -> None:
    if method := values.text("paymentmethod"):
        gateway_of(method)


def only_this_tax(values: Values, invoice: Invoice) -> None:
    """The rate follows from what is sold to whom: another one is refused instead of being ignored."""
    taxes = list(invoice.taxes.all())
    for name, rows in (("taxrate", [t for t in taxes if t.step == 1]), ("taxrate2", [t for t in taxes if t.step > 1])):
        sent, own = values.amount(name), rate(rows)
        if sent is not None and sent != own and _has_taxed(invoice):
            raise Refused(f"{name}: the tax of this client is {own.normalize():f} %, by the tax rates in the settings")


def _has_taxed(invoice: Invoice) -> bool:
    return any(is_taxed(line.tax_class) for line in invoice.lines.all())


def changed_lines(values: Values, invoice: Invoice) -> list[NewLine]:
    """Those that stay, with what was sent for them by the id of the line."""
    rows = list(zip(invoice.lines.all(), lines_of(invoice), strict=True))
    gone, changed = set(values.several("deletelineids")), values.pairs("itemdescription")
    known = {str(row.pk) for row, _line in rows}
    if unknown := sorted((gone | set(changed)) - known):
        raise Refused(f"Line item {unknown[0][:20]} is not on this invoice")
    return [
        _changed_line(values, row, line) if str(row.pk) in changed else line for row, line in rows if str(row.pk) not in gone
    ]


def _changed_line(values: Values, row, line: NewLine) -> NewLine:
    """A line with another price is one piece of it; with other words alone it keeps quantity and price."""
    key = str(row.pk)
    text, amount, taxed = (Values(values.pairs(name)) for name in CHANGED)
    if not amount.has(key) or not taxed.has(key):
        raise Refused(
            "Missing Variables: itemdescription, itemamount and itemtaxed are required for each item being changed"
        )
    sent = amount.amount(key)
    new = _new_line(f"item {key}", text.text(key), sent, taxed.flag(key))
    kept = {"origin": line.origin, "revenue_code": line.revenue_code}
    if taxed.flag(key) == bool(is_taxed(line.tax_class)):
        kept["tax_class"] = line.tax_class
    if sent == row.net_amount:
        kept |= {"unit_amount": line.unit_amount, "quantity": line.quantity}
    return NewLine(**{**vars(new), **kept})


def added_lines(values: Values) -> list[NewLine]:
    texts, amounts, taxed = (Values(_listed(values, name)) for name in ADDED)
    return [
        _new_line(f"new item {key}", texts.text(key), amounts.amount(key), taxed.text(key).lower() in ON) for key in texts.found
    ]


def _listed(values: Values, name: str) -> dict:
    """The array; a single value is the list of it."""
    found = values.found.get(name, {})
    return found if isinstance(found, dict) else {"0": found}
