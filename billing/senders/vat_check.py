"""Questions about VAT numbers. Asking twice does no harm, so nothing needs to be looked up."""

from datetime import timedelta

from billing.actions.vat_check import note_silence, settle_check
from billing.models import TaxIdCheck
from billing.options import HMRC_CLIENT_ID, HMRC_CLIENT_SECRET, HMRC_URL, VAT_CHECKER, VIES_URL
from billing.vat_checkers.base import VatAnswer
from hostbill.core import modules
from hostbill.core.outgoing import OutgoingKind, register


def _office(tax_id: str):
    """Who knows this number."""
    if tax_id.startswith("GB"):
        values = {"url": HMRC_URL.value, "client_id": HMRC_CLIENT_ID.value, "client_secret": HMRC_CLIENT_SECRET.value}
        return modules.driver_class("vat_checker", "hmrc")(values)
    return modules.driver_class("vat_checker", VAT_CHECKER.value)({"url": VIES_URL.value})


@register
class VatCheckSender(OutgoingKind):
    """One question. While an office is silent it is asked again and again, for half a day."""

    kind = "billing.vat_check"
    backoff = (20, 60, 180, 600, 1800)
    at_once = 2
    budget = timedelta(hours=12)

    def send(self, row):
        check = TaxIdCheck.objects.get(pk=row.object_id)
        return _office(check.tax_id).check(check.tax_id, check.requester).plain

    def look_up(self, row):
        return None

    def on_retry(self, row, error):
        note_silence(TaxIdCheck.objects.get(pk=row.object_id), error.message)

    def settle(self, row, answer, error):
        check = TaxIdCheck.objects.select_related("client").get(pk=row.object_id)
        settle_check(check, VatAnswer(**answer) if answer else None, error.message if error else "")
