"""Mails: which there are, and writing one."""

import uuid
import zlib

from billing.actions.reminder import mail_invoice_again, remind
from billing.models import Invoice, Subscription
from clients.actions.letter import write_to_client
from clients.actions.staff_letter import write_to_staff
from clients.models import Client
from hostbill.core.models import MessageTemplate
from hostbill.core.notices import all_notices
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.answers import listed
from hostbill.whmcs.caps import count_mail
from hostbill.whmcs.errors import Refused
from support.models import Ticket

#: WHMCS's kinds of mail, by the part of the product that writes them here.
KINDS = {"billing": "invoice", "provisioning": "product", "support": "support", "clients": "general", "core": "admin"}
#: Whom a mail written by hand goes to: the model of the id, and how it leads to the client.
READERS = {
    "general": (Client, lambda row: row),
    "product": (Subscription, lambda row: row.client),
    "invoice": (Invoice, lambda row: row.client),
    "support": (Ticket, lambda row: row.client),
}
#: WHMCS's names of the mails that can be sent for an invoice.
INVOICE_MAILS = {"Invoice Created": mail_invoice_again, "Invoice Payment Reminder": remind}
#: Which colleagues get a mail to the staff, by the right that stands for its type.
STAFF_RIGHTS = {"system": "core.setting.edit", "account": "clients.client.edit", "support": "support.ticket.reply"}
MOST = 20_000
#: Mails in an hour: to one kind of colleagues or one client, and to all clients.
MOST_TO_STAFF, MOST_LETTERS = 20, 1000


@action("GetEmailTemplates", "System", needs="core.template.view", optional="type language",
        missing="The names are HostBill's")  # fmt: skip
def get_email_templates(call: Call) -> dict:
    """All kinds of mail, with the subject as it is written in the language asked for."""
    wanted, language = call.values.text("type").lower(), call.values.text("language") or "en"
    own = dict(MessageTemplate.objects.filter(language=language).values_list("kind", "subject"))
    rows = [
        {
            "id": zlib.crc32(notice.kind.encode()),
            "name": notice.kind,
            "label": str(notice.label),
            "type": _type(notice),
            "subject": own.get(notice.kind) or str(notice.subject),
            "custom": notice.kind in own,
        }
        for notice in all_notices()
        if not wanted or _type(notice) == wanted
    ]
    return {"totalresults": len(rows), **listed("emailtemplates", "emailtemplate", rows)}


def _type(notice) -> str:
    return "admin" if notice.audience == "staff" else KINDS.get(notice.kind.partition(".")[0], "general")


@action("SendEmail", "System", needs="clients.client.write",
        optional="messagename id customtype custommessage customsubject customvars",
        missing="By name only “Invoice Created” and “Invoice Payment Reminder”; no merge fields in own messages")  # fmt: skip
def send_email(call: Call) -> dict:
    """A mail by name, or one's own words to the client that the id leads to."""
    values = call.values
    if not values.whole("id"):
        raise Refused("id is required")
    name = values.text("messagename")
    if name and not values.text("custommessage"):
        return _send_named(call, name)
    kind = values.text("customtype").lower() or "general"
    if kind not in READERS:
        raise Refused("Invalid Type")
    subject, text = _written(values)
    model, client_of = READERS[kind]
    row = model.objects.visible_to(call.actor).filter(pk=values.whole("id")).first()
    if row is None:
        raise Refused("Related ID Not Found")
    count_mail(call, "client", f"{client_of(row).pk}", most=MOST_LETTERS, most_to_one=MOST_TO_STAFF)
    write_to_client(client_of(row), actor=call.actor, subject=subject, text=text, key=f"whmcs-{uuid.uuid4()}")
    return {}


def _send_named(call: Call, name: str) -> dict:
    send = INVOICE_MAILS.get(name)
    if send is None:
        raise Refused("Email Template not found")
    invoice = Invoice.objects.visible_to(call.actor).filter(pk=call.values.whole("id")).first()
    if invoice is None:
        raise Refused("Invoice ID Not Found")
    if not call.actor.may("billing.invoice.remind"):
        raise Refused("These credentials may not send invoices")
    send(invoice, actor=call.actor)
    return {}


def _written(values) -> tuple[str, str]:
    subject, text = values.text("customsubject"), values.text("custommessage")
    if not (subject and text):
        raise Refused("customsubject and custommessage are required")
    if len(text) > MOST or len(subject) > 200:
        raise Refused("The message is too long")
    return subject, text


@action("SendAdminEmail", "System", needs="clients.user.view",
        optional="messagename custommessage customsubject type deptid mergefields",
        missing="Own messages only, no templates; no merge fields, no department")  # fmt: skip
def send_admin_email(call: Call) -> dict:
    """Own words to the colleagues whom the type is about."""
    kind = call.values.text("type").lower() or "system"
    if kind not in STAFF_RIGHTS:
        raise Refused("Invalid Type")
    subject, text = _written(call.values)
    count_mail(call, "staff", kind, most=MOST_TO_STAFF, most_to_one=MOST_TO_STAFF)
    key = f"whmcs-{uuid.uuid4()}"
    write_to_staff(STAFF_RIGHTS[kind], actor=call.actor, subject=subject, text=text, key=key)
    return {}
