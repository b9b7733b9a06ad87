"""Support besides tickets: notes on clients, and services that are given up."""

from billing.actions.cancellation import AT_END, NOW, cancel_subscription
from clients.actions.note import set_sticky_note
from clients.models import Note
from hostbill.core.errors import AppError
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.records.found import client_of, service_of

TYPES = {"": AT_END, "end of billing period": AT_END, "immediate": NOW}


@action(
    "AddClientNote", "Support", needs="clients.note.edit", required="userid notes", optional="sticky",
    missing="A client has one note, on top of its page: what comes without sticky is added to it, sticky takes its place",
)  # fmt: skip
def add_client_note(call: Call) -> dict:
    """On top of the client's page, for staff alone."""
    values, client = call.values, client_of(call, "userid")
    standing = Note.objects.visible_to(call.actor).filter(client=client).sticky().first()
    text = values.text("notes")
    if standing and not values.flag("sticky"):
        text = f"{standing.body}\n\n{text}"
    return {"noteid": set_sticky_note(client, actor=call.actor, body=text).pk}


@action(
    "AddCancelRequest", "Support", needs="billing.subscription.cancel", required="serviceid", optional="type reason",
    missing="Immediate ends the service at once, not in the next nightly run",
)  # fmt: skip
def add_cancel_request(call: Call) -> dict:
    """Give a service up: at the end of the period, or now."""
    values = call.values
    service = service_of(call)
    when = TYPES.get(values.text("type").lower())
    if when is None:
        raise Refused("type is Immediate or End of Billing Period")
    try:
        cancel_subscription(service, when=when, reason=values.text("reason") or "By API", actor=call.actor)
    except AppError as error:
        raise Refused("Existing Cancellation Request Exists" if error.code == "already_cancelled" else error.message) from error
    return {"serviceid": service.pk, "userid": service.client_id}
