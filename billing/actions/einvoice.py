"""Use cases of e-invoices: have one written, note what the rules said, try again, send without it."""

from django.db import transaction
from django.utils.translation import gettext as _

from billing.einvoice import PROFILES, Finding
from billing.events import EInvoiceSettled
from billing.models import CreditNote, EInvoice, Invoice
from billing.queries.einvoice_wish import owner, wished_format
from hostbill.core import clock, outgoing
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.locks import lock
from hostbill.core.states import transition

OUTGOING_KIND = "billing.einvoice"


def ask_for_wished(issued: Invoice | CreditNote, *, actor) -> EInvoice | None:
    """The e-invoice that goes with a new document's mail, as its client wants it; None when it wants none."""
    key = wished_format(issued.client)
    return request_einvoice(issued, format=key, with_mail=True, actor=actor) if key else None


def request_einvoice(issued: Invoice | CreditNote, *, format: str, actor, with_mail: bool = False) -> EInvoice:
    """Have an e-invoice written by a worker; asking twice changes nothing. AppError: "draft" (a pro-forma invoice too), "format"."""
    if isinstance(issued, Invoice) and (issued.state == Invoice.State.DRAFT or issued.is_proforma):
        raise AppError(_("Only an issued document has an e-invoice."), code="draft")
    if format not in PROFILES:
        raise AppError(_("There is no such e-invoice."), code="format", field="format")
    with transaction.atomic():
        values = {"client_id": issued.client_id, "with_mail": with_mail}
        row, made = EInvoice.objects.get_or_create(**owner(issued), format=format, defaults=values)
        if made:
            audit(actor, "billing.einvoice_requested", row)
            _queue(row)
    return row


def _queue(row: EInvoice) -> None:
    outgoing.queue(OUTGOING_KIND, row.pk, key=f"einvoice:{row.pk}:{row.tries}")


def settle_einvoice(row: EInvoice, *, xml: str, findings: list[Finding], is_checked: bool) -> EInvoice:
    """What was written and what the rules said: ready without findings, held with any. A row that is settled already stays."""
    with transaction.atomic():
        row = lock(row)
        if row.state != EInvoice.State.QUEUED:
            return row
        found = [[finding.rule, finding.text, finding.place] for finding in findings]
        values = {"xml": xml, "findings": found, "is_checked": is_checked, "written_at": clock.now()}
        transition(row, "held" if found else "ready", **values)
        emit(EInvoiceSettled(row.pk))
    return row


def retry_einvoice(row: EInvoice, *, actor) -> EInvoice:
    """Write a held one anew, with what was mended meanwhile. IllegalTransition from other states."""
    with transaction.atomic():
        row = lock(row)
        transition(row, "queued", tries=row.tries + 1, left_reason="")
        audit(actor, "billing.einvoice_retried", row)
        _queue(row)
    return row


def leave_einvoice(row: EInvoice, *, reason: str, actor) -> EInvoice:
    """Give up on a held one: it is never sent, and the document's mail goes without it."""
    with transaction.atomic():
        row = lock(row)
        transition(row, "left", left_reason=reason[:300])
        audit(actor, "billing.einvoice_left", row, reason=reason)
        emit(EInvoiceSettled(row.pk))
    return row
