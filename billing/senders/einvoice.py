"""E-invoices: written and judged by a worker, since the rules take a moment and have a process of their own."""

from datetime import timedelta

from billing.actions.einvoice import OUTGOING_KIND, settle_einvoice
from billing.einvoice import PROFILES, Finding, checker, write
from billing.models import EInvoice
from billing.options import EINVOICE_CHECK
from billing.queries.einvoice import einvoice_of
from hostbill.core.errors import DriverError
from hostbill.core.outgoing import OutgoingKind, register


@register
class EInvoiceSender(OutgoingKind):
    """One file. Nothing leaves the house, so there is nothing to look up."""

    kind = OUTGOING_KIND
    at_once = 1
    backoff = (5, 30, 120, 600)
    budget = timedelta(hours=2)

    def send(self, row):
        """Write and check."""
        einvoice = EInvoice.objects.select_related("invoice__client", "credit_note__client", "credit_note__invoice").get(
            pk=row.object_id
        )
        profile, document = PROFILES[einvoice.format], einvoice_of(einvoice.document)
        xml, must_check = write(document, profile), EINVOICE_CHECK.value
        try:
            findings = checker.check(document, profile, xml) if must_check else []
        except checker.CheckerDown as error:
            raise DriverError("The rules could not be asked.", permanent=False, code="rules_down", technical=str(error)) from error
        rows = [[finding.rule, finding.text, finding.place] for finding in findings]
        return {"xml": xml.decode(), "findings": rows, "checked": must_check}

    def look_up(self, row):
        """Writing twice does no harm."""

    def settle(self, row, answer, error):
        """Ready, or held with the reasons."""
        einvoice = EInvoice.objects.get(pk=row.object_id)
        if error:
            settle_einvoice(einvoice, xml="", findings=[Finding(error.code or "FAILED", error.message)], is_checked=False)
        else:
            found = [Finding(*entry) for entry in answer["findings"]]
            settle_einvoice(einvoice, xml=answer["xml"], findings=found, is_checked=answer["checked"])
