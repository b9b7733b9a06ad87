"""Clients found and told: lists, details, mails, cancellations."""

from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from billing.models import Account, Subscription
from billing.queries.tax_rules import profile_of
from clients.models import Client, ClientGroup, Consent
from clients.options import WHMCS_PASSWORDS
from hostbill.core import clock
from hostbill.core.models import Message
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.answers import instant, listed, paged
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.records.client import brief_record, details_record, group_record, mail_record
from hostbill.whmcs.records.found import client_by_id_or_mail, client_of
from hostbill.whmcs.records.stats import stats_record
from hostbill.whmcs.words import CLIENT_STATUS, first_gateway, key_of

VIEW = "clients.client.view"
SORTS = {
    "id": "pk",
    "firstname": "first_name",
    "lastname": "last_name",
    "companyname": "company",
    "email": "email",
    "groupid": "group_id",
    "datecreated": "created_at",
    "status": "status",
}
_SEARCHED = ("first_name", "last_name", "company", "email", "number")


@action("GetClients", "Client", needs=VIEW, optional="limitstart limitnum sorting status search orderby")
def get_clients(call: Call) -> dict:
    """A page of clients; of merged ones only who was kept."""
    values = call.values
    rows = Client.objects.visible_to(call.actor).filter(merged_into=None)
    if values.text("status"):
        rows = rows.filter(status=key_of(CLIENT_STATUS, values.text("status")) or "")
    for word in values.text("search").split()[:6]:
        rows = rows.filter(_any(word[:80]))
    order = SORTS.get(values.text("orderby").lower(), "last_name")
    sign = "-" if values.text("sorting").upper() == "DESC" else ""
    return paged(values, rows.order_by(sign + order, sign + "pk"), "clients", "client", brief_record)


def _any(word: str) -> Q:
    found = Q()
    for name in _SEARCHED:
        found |= Q(**{f"{name}__icontains": word})
    return found


@action("GetClientsDetails", "Client", needs=VIEW, optional="clientid email stats",
        missing="no custom fields, no contact for invoices, no preferences of the client itself")  # fmt: skip
def get_clients_details(call: Call) -> dict:
    """One client, also with its keys at the top, where older programs read them."""
    if not (call.values.text("clientid") or call.values.text("email")):
        raise Refused(_("Either clientid Or email Is Required"))
    client = client_by_id_or_mail(call)
    record = _details(client)
    if not call.actor.may("billing.invoice.view"):
        record["credit"] = ""  # what a client has with us is told to who may see its invoices
    found = {**record, "client": record}
    if call.values.flag("stats"):
        found["stats"] = stats_record(client, call.actor)
    return found


def _details(client: Client) -> dict:
    profile, note = profile_of(client), client.notes.sticky().first()
    return details_record(
        client,
        note=note.body if note else "",
        account=Account.objects.filter(client=client).first(),
        gateway=first_gateway()[0],
        members=list(client.memberships.select_related("user")),
        is_exempt=bool(profile and profile.is_exempt),
        has_agreed=client.consents.filter(kind=Consent.Kind.MARKETING).exists(),
    )


@action("GetClientGroups", "Client", needs="clients.group.view")
def get_client_groups(call: Call) -> dict:
    """All of them."""
    rows = [group_record(row) for row in ClientGroup.objects.order_by("name")]
    return {"totalresults": len(rows), **listed("groups", "group", rows)}


@action("GetClientPassword", "Client", needs="clients.user.edit", optional="userid email",
        missing="Refused unless the setting “tell passwords” is on; what is told is the hash, as there is nothing else")  # fmt: skip
def get_client_password(call: Call) -> dict:
    """The hash of the owner's password, as WHMCS gives it."""
    if not WHMCS_PASSWORDS.value:
        raise Refused("Passwords are not shown: the setting “WHMCS API: tell passwords” is off")
    if not (call.values.text("userid") or call.values.text("email")):
        raise Refused(_("Either userid Or email Is Required"))
    client = client_by_id_or_mail(call, by_id="userid")
    owner = client.memberships.filter(is_owner=True, user__is_staff=False).select_related("user").first()
    if owner is None:
        raise Refused(_("Client Not Found"))
    return {"password": owner.user.password}


@action("GetEmails", "Client", needs="core.message.view", required="clientid", optional="limitstart limitnum date subject")
def get_emails(call: Call) -> dict:
    """Mails written to the client, newest first; links that open a login are left to their readers."""
    client, values = client_of(call), call.values
    rows = Message.objects.visible_to(call.actor).filter(client_id=client.pk, audience="client")
    if on := values.day("date"):
        rows = rows.filter(created_at__gte=clock.start_of(on), created_at__lt=clock.start_of(on + timedelta(days=1)))
    if values.text("subject"):
        rows = rows.filter(subject__icontains=values.text("subject"))
    return paged(values, rows.order_by("-pk"), "emails", "email", mail_record)


@action("GetCancelledPackages", "Client", needs="billing.subscription.view", optional="limitstart limitnum")
def get_cancelled_packages(call: Call) -> dict:
    """Services that were cancelled, newest first; ``id`` and ``relid`` are both the service's."""
    rows = Subscription.objects.visible_to(call.actor)
    rows = rows.filter(Q(cancel_at_end=True) | Q(state__in=["cancelled", "ended"], cancel_reason__gt=""))
    return paged(call.values, rows.order_by("-pk"), "packages", "package", _cancelled)


def _cancelled(row: Subscription) -> dict:
    at = row.cancelled_at or row.ended_at or row.updated_at
    return {
        "id": row.pk,
        "date": instant(at),
        "relid": row.pk,
        "reason": row.cancel_reason,
        "type": "End of Billing Period" if row.cancel_on else "Immediate",
        "created_at": instant(at),
        "updated_at": instant(row.updated_at),
    }


@action("GetClientsDomains", "Client", needs=VIEW, optional="limitstart limitnum clientid domainid domain",
        missing="HostBill has no domain registrations yet: the list is always empty")  # fmt: skip
def get_clients_domains(call: Call) -> dict:
    """None."""
    values = call.values
    if values.text("clientid"):
        client_of(call)
    asked = {name: values.text(name) or None for name in ("clientid", "domainid")}
    start = max(0, values.whole("limitstart", 0))
    return {**asked, "totalresults": 0, "startnumber": start, "numreturned": 0, **listed("domains", "domain", [])}
