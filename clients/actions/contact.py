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
def remove_contact(contact, *, actor):
    """Stop sending mail to a recipient."""
    may_edit_account(actor, contact.client)
    audit(actor, "clients.contact_removed", contact)
    contact.delete()
