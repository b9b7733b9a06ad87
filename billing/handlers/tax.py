"""Reactions to clients' addresses and to answers about VAT numbers."""

from billing.actions.hold import held_drafts, look_after
from billing.actions.vat_check import note_tax_id
from billing.events import VatNumberAnswered
from billing.queries.letters import refused_letter
from billing.queries.vat_status import newly_refused
from clients.events import ClientCreated, ClientUpdated
from clients.models import Client
from clients.queries.staff import staff_recipients
from hostbill.core.access import SYSTEM
from hostbill.core.events import listen
from hostbill.core.notify import notify


@listen(ClientCreated, ClientUpdated, name="billing.note_tax_id_on_client_changed", later=True)
def note_tax_id_on_client_changed(event):
    """A VAT number that is new or belongs to another address now is asked about."""
    note_tax_id(Client.objects.get(pk=event.client_id), actor=SYSTEM)


@listen(VatNumberAnswered, name="billing.issue_held_on_vat_number_answered")
def issue_held_on_vat_number_answered(event):
    """What waited for the answer becomes a document."""
    for draft in held_drafts().filter(client=event.client_id):
        look_after(draft, actor=SYSTEM)


@listen(VatNumberAnswered, name="billing.tell_on_vat_number_refused", later=True)
def tell_on_vat_number_refused(event):
    """Somebody has ordered with a number that the office does not know: they and we hear of it, once for each number."""
    client = Client.objects.get(pk=event.client_id)
    check = newly_refused(client)
    if check is None:
        return
    for kind, to in (("", client), ("_staff", staff_recipients("clients.client.edit"))):
        notify(
            f"billing.vat_number_refused{kind}",
            to=to,
            context=refused_letter(check, for_staff=bool(kind)),
            key=f"vat-number-refused{kind}:{check.pk}",
            subject_ref=("billing.taxidcheck", check.pk),
            client_id=client.pk,
        )
