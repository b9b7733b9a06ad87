"""Use cases of visits: a colleague looks at the client area in a client's place."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Client
from clients.options import VISIT_MINUTES, VISIT_NEEDS_REASON
from hostbill.core import access, clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError


@transaction.atomic
def start_visit(client: Client, *, actor, reason="") -> dict:
    """Record the visit with both names and return the marker for the colleague's session. AppError "reason"."""
    access.require(actor, "clients.client.visit")
    if VISIT_NEEDS_REASON.value and not reason.strip():
        raise AppError(_("Say why you look."), code="reason", field="reason")
    audit(actor, "clients.client_area_entered", client, reason=reason.strip(), changes={})
    until = clock.real_now() + timedelta(minutes=VISIT_MINUTES.value)
    return {"client_id": client.pk, "until": until.timestamp()}


@transaction.atomic
def end_visit(client: Client, *, actor) -> None:
    """Record its end."""
    audit(actor, "clients.client_area_left", client, changes={})
