"""Contacts: people who get a client's mail without having a login."""

from django.db import transaction

from clients.actions.contact import add_contact, remove_contact, update_contact
from clients.forms.membership import ContactForm
from clients.models import Contact
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.answers import paged
from hostbill.whmcs.checked import checked
from hostbill.whmcs.records.client import contact_record, two_names
from hostbill.whmcs.records.found import client_of, contact_of
from hostbill.whmcs.values import ON
from hostbill.whmcs.words import PREFERENCES

EDIT, VIEW = "clients.client.edit", "clients.client.view"
FIELDS = "firstname lastname companyname email address1 address2 city state postcode country phonenumber tax_id email_preferences"
POOR = "a contact is a name, an address for mail (both needed) and what it is about; postal address, phone and tax number are not kept"


def _areas(call: Call, before=()) -> list[str]:
    """What it gets mail about; what was not sent stays."""
    sent = call.values.pairs("email_preferences")
    found = {area for name, area in PREFERENCES.items() if str(sent.get(name)).lower() in ON}
    kept = {area for name, area in PREFERENCES.items() if name not in sent and area in before}
    return [area for area in PREFERENCES.values() if area in found | kept]


def _name(call: Call, before: str = "") -> str:
    first, last = two_names(before)
    values = call.values
    return f"{values.text('firstname', first)} {values.text('lastname', last)}".strip() or values.text("companyname")


@action("AddContact", "Client", needs=EDIT, required="clientid", optional=FIELDS, missing=POOR)
@transaction.atomic
def add(call: Call) -> dict:
    """Somebody more who gets mail. Without a choice it is the invoices."""
    client = client_of(call)
    areas = _areas(call) or ["billing"]
    data = {"name": _name(call), "email": call.values.text("email"), "language": client.language, "areas": areas}
    contact = add_contact(client, actor=call.actor, **checked(ContactForm(data)))
    return {"contactid": contact.pk}


@action("UpdateContact", "Client", needs=EDIT, required="contactid", optional=FIELDS, missing=POOR)
@transaction.atomic
def update(call: Call) -> dict:
    """What was sent is changed."""
    contact, values = contact_of(call), call.values
    data = {
        "name": _name(call, contact.name) or contact.name,
        "email": values.text("email", contact.email) or contact.email,
        "language": contact.language,
        "areas": _areas(call, contact.areas) or contact.areas,
    }
    update_contact(contact, actor=call.actor, **checked(ContactForm(data)))
    return {"contactid": contact.pk}


@action("DeleteContact", "Client", needs=EDIT, required="contactid")
def delete(call: Call) -> dict:
    """No mail any more."""
    contact = contact_of(call)
    pk = contact.pk
    remove_contact(contact, actor=call.actor)
    return {"contactid": pk}


@action("GetContacts", "Client", needs=VIEW, missing=POOR, optional="limitstart limitnum userid firstname lastname "
        "companyname email address1 address2 city state postcode country phonenumber")
def get(call: Call) -> dict:
    """A page of them; names and addresses are compared whole."""
    values, rows = call.values, Contact.objects.visible_to(call.actor)
    if values.text("userid"):
        rows = rows.filter(client_id=values.whole("userid"))
    for name in ("firstname", "lastname"):
        if values.text(name):
            rows = rows.filter(name__icontains=values.text(name))
    if values.text("email"):
        rows = rows.filter(email__iexact=values.text("email"))
    kept_nowhere = "companyname address1 address2 city state postcode country phonenumber".split()
    if any(values.text(name) for name in kept_nowhere):
        rows = rows.none()
    return paged(values, rows.order_by("name", "pk"), "contacts", "contact", contact_record)
