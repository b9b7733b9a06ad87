"""Use cases of contacts: extra recipients of a client's mail."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clients.actions.client import may_edit_account
from clients.models import Contact
from hostbill.core.audit import audit
from hostbill.core.errors import AppError


@transaction.atomic
def add_contact(client, *, actor, name, email, areas, language="en"):
    """Add a recipient who has no login."""
    may_edit_account(actor, client)
    if client.contacts.filter(email=email.lower()).exists():
        raise AppError(_("This address gets the mail already."), code="contact_exists", field="email")
    contact = Contact.objects.create(
        client=client, name=name, email=email.lower(), areas=list(areas), language=language
    )
    audit(actor, "clients.contact_added", contact)
    return contact


@transaction.atomic
def update_contact(contact, *, actor, **fields):
    """Change name, address, language or what the mail is about. AppError "contact_exists"."""
    may_edit_account(actor, contact.client)
    if "email" in fields:
        fields["email"] = fields["email"].lower()
        if contact.client.contacts.filter(email=fields["email"]).exclude(pk=contact.pk).exists():
            raise AppError(_("This address gets the mail already."), code="contact_exists", field="email")
    for name, value in fields.items():
        setattr(contact, name, value)
    audit(actor, "clients.contact_changed", contact)
    contact.save()
    return contact


@transaction.atomic
def remove_contact(contact, *, actor):
    """Stop sending mail to a recipient."""
    may_edit_account(actor, contact.client)
    audit(actor, "clients.contact_removed", contact)
    contact.delete()
