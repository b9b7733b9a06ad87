"""Clients: made, found, changed, closed."""

from django.db import transaction
from django.utils.translation import gettext as _

from billing.actions.account import open_account, set_auto_charge
from billing.actions.document_wishes import set_document_wishes
from billing.actions.vat_check import set_exemption
from billing.queries.tax_rules import profile_of
from clients.actions.client import close_client, create_client, delete_client, reopen_client, update_client
from clients.actions.consent import record_consent
from clients.actions.group import set_client_group
from clients.actions.note import set_sticky_note
from clients.actions.user import create_user, send_password_reset, tell_of_login
from clients.forms.client import ClientForm, NewClientForm
from clients.models import Client, ClientGroup
from hostbill.core.access import require
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.checked import as_data, checked, secret
from hostbill.whmcs.currencies import currency_of
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.records.found import client_by_id_or_mail, client_of, user_of
from hostbill.whmcs.words import CLIENT_STATUS, key_of, language_of

EDIT = "clients.client.edit"
#: Their name for each of our fields.
FIELDS = {
    "firstname": "first_name",
    "lastname": "last_name",
    "companyname": "company",
    "email": "email",
    "address1": "address1",
    "address2": "address2",
    "city": "city",
    "state": "state",
    "postcode": "postcode",
    "country": "country",
    "phonenumber": "phone",
    "tax_id": "tax_id",
}
NEEDED = {
    "firstname": "You did not enter your first name",
    "lastname": "You did not enter your last name",
    "email": "You did not enter your email address",
    "address1": "You did not enter your address (line 1)",
    "city": "You did not enter your city",
    "state": "You did not enter your state",
    "postcode": "You did not enter your postcode",
    "country": "Please choose your country from the drop down box",
    "phonenumber": "You did not enter your phone number",
}


def sent_fields(call: Call) -> dict:
    """Our fields with what was sent for them."""
    found = {ours: call.values.text(theirs) for theirs, ours in FIELDS.items() if call.values.has(theirs)}
    if "country" in found:
        found["country"] = found["country"].upper()
    if call.values.text("language"):
        found["language"] = language_of(call.values.text("language"))
    return found


@action(
    "AddClient",
    "Client",
    needs=EDIT,
    optional="firstname lastname email address1 city state postcode country phonenumber owner_user_id companyname address2 tax_id "
    "password2 securityqid securityqans currency groupid customfields language clientip notes marketingoptin noemail skipvalidation",
    missing="no custom fields, no security questions; a mail tells the person of the login, with a link to choose a password",
)
@transaction.atomic
def add_client(call: Call) -> dict:
    """A client with a login that owns it: the one named, or a new one."""
    values = call.values
    if not values.flag("skipvalidation"):
        _refuse_missing(call)
    fields = checked(NewClientForm({"language": "en", **sent_fields(call), "currency": currency_of(values.text("currency"))}))
    owner = user_of(call, "owner_user_id") if values.text("owner_user_id") else _new_owner(call, fields)
    client = create_client(actor=call.actor, user=owner, **fields)
    _put_into_group(call, client)
    if values.text("notes"):
        set_sticky_note(client, actor=call.actor, body=values.text("notes"))
    _note_consent(call, client)
    return {"clientid": client.pk, "owner_id": owner.pk}


def _refuse_missing(call: Call) -> None:
    for name, words in NEEDED.items():
        if not call.values.text(name):
            raise Refused(words)


def _new_owner(call: Call, fields: dict):
    name = f"{fields['first_name']} {fields['last_name']}".strip()
    password = secret(call.values, "password2") or None
    user = create_user(fields["email"], password, actor=call.actor, name=name, language=fields["language"])
    if not call.values.flag("noemail"):
        (tell_of_login if password else send_password_reset)(user, actor=call.actor)
    return user


def _put_into_group(call: Call, client: Client) -> None:
    wanted = call.values.whole("groupid")
    if wanted is None or (wanted or None) == client.group_id:
        return
    group = ClientGroup.objects.filter(pk=wanted).first() if wanted else None
    if wanted and group is None:
        raise Refused(_("Client Group ID Not Found"))
    set_client_group(client, group=group, actor=call.actor)


def _note_consent(call: Call, client: Client) -> None:
    """News by mail: only a yes is something to write down."""
    if call.values.flag("marketingoptin"):
        ip = call.values.text("clientip") or None
        record_consent(actor=call.actor, kind="marketing", text_version="API", client=client, ip=ip)


@action(
    "UpdateClient",
    "Client",
    needs=EDIT,
    optional="clientid clientemail firstname lastname companyname email address1 address2 city state postcode country phonenumber tax_id "
    "currency groupid customfields language clientip notes status paymentmethod email_preferences marketingoptin clearcreditcard "
    "skipvalidation latefeeoveride overideduenotices taxexempt separateinvoices disableautocc overrideautoclose",
    missing="the currency of an account is final; no custom fields, no default payment method, no e-mail preferences of the client itself; "
    "latefeeoveride, overideduenotices, overrideautoclose, clearcreditcard and taking back marketingoptin change nothing; status Inactive "
    "is refused",
)
@transaction.atomic
def update(call: Call) -> dict:
    """What was sent is changed, the rest stays."""
    client, values = client_by_id_or_mail(call, by_mail="clientemail"), call.values
    if values.text("currency") and currency_of(values.text("currency")) != client.currency:
        raise Refused(_("The currency of an account cannot be changed"))
    _change_fields(call, client)
    _put_into_group(call, client)
    if values.has("notes"):
        set_sticky_note(client, actor=call.actor, body=values.text("notes"))
    _note_consent(call, client)
    _change_status(call, client)
    _change_billing(call, client)
    return {"clientid": str(client.pk)}  # text: what was sent comes back


def _change_fields(call: Call, client: Client) -> None:
    sent = sent_fields(call)
    if not sent:
        return
    form = ClientForm({**as_data(ClientForm(instance=client)), **sent}, instance=Client.objects.get(pk=client.pk))
    cleaned = checked(form)
    changed = {name: cleaned[name] for name in sent if cleaned[name] != getattr(client, name)}
    if changed:
        update_client(client, actor=call.actor, **changed)


def _change_billing(call: Call, client: Client) -> None:
    """Tax, documents of their own, taking renewals from the card."""
    values, actor = call.values, call.actor
    if values.has("taxexempt"):
        profile, wanted = profile_of(client), values.flag("taxexempt")
        if wanted != bool(profile and profile.is_exempt):
            set_exemption(client, actor=actor, is_exempt=wanted, exempt_reason=_("Tax exempt") if wanted else "")
    if values.has("separateinvoices"):
        require(actor, "billing.invoice.create")
        account = open_account(client)
        separate = values.flag("separateinvoices")  # each for itself, or one a month: not both
        wishes = {"consolidate_monthly": account.consolidate_monthly and not separate, "document_emails": account.document_emails}
        set_document_wishes(account, separate_invoices=separate, actor=actor, **wishes)
    if values.has("disableautocc"):
        require(actor, "billing.account.edit")
        set_auto_charge(open_account(client), auto_charge=not values.flag("disableautocc"), actor=actor)


def _change_status(call: Call, client: Client) -> None:
    text = call.values.text("status")
    if not text or text.lower() == CLIENT_STATUS[client.status].lower():
        return
    wanted = key_of(CLIENT_STATUS, text)
    if wanted is None:
        raise Refused(_("Invalid status: an account is Active or Closed"))
    (close_client if wanted == "closed" else reopen_client)(client, actor=call.actor, reason=_("By the API"))


@action("CloseClient", "Client", needs="clients.client.close", required="clientid",
        missing="what runs goes on until it is cancelled, and unpaid invoices stay")  # fmt: skip
def close(call: Call) -> dict:
    """Nothing new may be sold to it."""
    client = client_of(call)
    if not client.is_closed:
        close_client(client, actor=call.actor, reason=_("By the API"))
    return {"clientid": client.pk}


@action("DeleteClient", "Client", needs="clients.client.close", required="clientid", optional="deleteusers deletetransactions",
        missing="only clients without orders, documents, money and tickets can be deleted: the rest has to be kept by law")  # fmt: skip
def delete(call: Call) -> dict:
    """As far as nothing has to be kept."""
    client = client_of(call)
    pk = client.pk
    delete_client(client, actor=call.actor, with_users=call.values.flag("deleteusers"))
    return {"clientid": pk}
