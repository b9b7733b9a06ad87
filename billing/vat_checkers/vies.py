"""VIES, the VAT number service of the European Commission, through its REST interface.

A number is asked with our own as requester, so that the answer carries a consultation number. Errors come as
`errorWrappers` with a name: most say that a member state's register is out of reach, and asking again later helps."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.vat_checkers.base import VatAnswer, VatChecker
from hostbill.core.errors import DriverError
from hostbill.core.http import request

PATH = "/rest-api/check-vat-number"
#: Our own number is not taken: the question is asked without it, and there is no proof.
BAD_REQUESTER = "INVALID_REQUESTER_INFO"
WORDS = {
    "MS_UNAVAILABLE": gettext_lazy("The register of this country is out of reach."),
    "MS_MAX_CONCURRENT_REQ": gettext_lazy("The register of this country has too much to do."),
    "GLOBAL_MAX_CONCURRENT_REQ": gettext_lazy("VIES has too much to do."),
    "SERVICE_UNAVAILABLE": gettext_lazy("VIES is out of reach."),
    "TIMEOUT": gettext_lazy("The register of this country did not answer in time."),
    "VAT_BLOCKED": gettext_lazy("VIES does not answer about this number."),
    "IP_BLOCKED": gettext_lazy("VIES does not answer our address."),
    BAD_REQUESTER: gettext_lazy("VIES does not take our own VAT number."),
}
FINAL = frozenset({"VAT_BLOCKED", BAD_REQUESTER})


class Vies(VatChecker):
    """One question is one POST; nothing is changed there, so it may be repeated."""

    label = "VIES"

    def check(self, tax_id: str, requester: str = "") -> VatAnswer:
        """See the base class."""
        try:
            return self._ask(tax_id, requester)
        except DriverError as error:
            if error.code != BAD_REQUESTER or not requester:
                raise
            return self._ask(tax_id, "")

    def _ask(self, tax_id: str, requester: str) -> VatAnswer:
        body = {"countryCode": tax_id[:2], "vatNumber": tax_id[2:]}
        if requester:
            body |= {"requesterMemberStateCode": requester[:2], "requesterNumber": requester[2:]}
        url = self.values["url"].rstrip("/") + PATH
        response = request("POST", url, mutating=False, json=body, timeout=(5, 20))
        try:
            found = response.json()
        except ValueError as error:
            raise DriverError(_("VIES gave no usable answer."), permanent=False, code="server_error") from error
        return self._read(found if isinstance(found, dict) else {})

    def _read(self, found: dict) -> VatAnswer:
        name = _error_of(found)
        if name == "INVALID_INPUT":
            return VatAnswer(False, asked_at=str(found.get("requestDate") or ""))
        if name or not isinstance(found.get("valid"), bool):
            words = str(WORDS.get(name) or _("VIES gave no usable answer."))
            raise DriverError(words, permanent=name in FINAL, code=name or "server_error", technical=name)
        texts = {key: _text(found.get(key)) for key in ("requestIdentifier", "requestDate", "name", "address")}
        return VatAnswer(
            found["valid"], texts["requestIdentifier"], texts["requestDate"], texts["name"][:300], texts["address"][:500]
        )


def _error_of(found: dict) -> str:
    """The name of the first error, empty when there is none."""
    errors = found.get("errorWrappers") or []
    first = errors[0] if isinstance(errors, list) and errors else {}
    return str(first.get("error", "")) if isinstance(first, dict) else ""


def _text(value) -> str:
    """VIES writes --- where a state tells nothing."""
    text = str(value or "").strip()
    return "" if text.strip("-") == "" else text
