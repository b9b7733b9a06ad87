"""The check of UK VAT numbers by HM Revenue & Customs (version 2), which wants the credentials of a registered application.

A token is fetched for each question: there are few of them, and none is kept. With our own number as requester the answer carries
a consultation number. A number that nobody has is 404; our own number that nobody has is 403, and then it is asked without it."""

from django.utils.translation import gettext as _

from billing.vat_checkers.base import VatAnswer, VatChecker
from hostbill.core.errors import DriverError
from hostbill.core.http import request

TOKEN = "/oauth/token"  # noqa: S105 - a path
LOOKUP = "/organisations/vat/check-vat-number/lookup/"
MEDIA = "application/vnd.hmrc.2.0+json"
TIMES = (5, 20)


class Hmrc(VatChecker):
    """Reading only, so it may be repeated."""

    label = "HMRC"

    def check(self, tax_id: str, requester: str = "") -> VatAnswer:
        """See the base class. The office knows numbers without their letters."""
        own = requester.removeprefix("GB") if requester.startswith("GB") else ""
        token = self._token()
        response = self._ask(token, tax_id.removeprefix("GB"), own)
        if own and response.status_code in (400, 403) and "requesterVrn" in response.text:
            response = self._ask(token, tax_id.removeprefix("GB"), "")
        return self._read(response)

    def _token(self) -> str:
        names = ("client_id", "client_secret")
        form = {"grant_type": "client_credentials", "scope": "read:vat", **{name: self.values[name] for name in names}}
        url = self.values["url"].rstrip("/") + TOKEN
        response = request("POST", url, mutating=False, data=form, timeout=TIMES, secrets=[form["client_secret"]])
        token = _json(response).get("access_token")
        if not token:
            known = response.status_code in (400, 401, 403)
            words = _("HMRC does not take our credentials.") if known else _("HMRC gave no usable answer.")
            raise DriverError(words, permanent=known, code="login_refused" if known else "server_error")
        return token

    def _ask(self, token: str, number: str, own: str):
        url = self.values["url"].rstrip("/") + LOOKUP + number + (f"/{own}" if own else "")
        headers = {"Accept": MEDIA, "Authorization": f"Bearer {token}"}
        return request("GET", url, mutating=False, headers=headers, timeout=TIMES, secrets=[token])

    def _read(self, response) -> VatAnswer:
        found = _json(response)
        if response.status_code == 404 and found.get("code") == "NOT_FOUND" or _is_misspelt(response, found):
            return VatAnswer(False)
        target = found.get("target")
        if response.status_code != 200 or not isinstance(target, dict):
            words = _("HMRC has too much to do.") if response.status_code == 429 else _("HMRC gave no usable answer.")
            raise DriverError(words, permanent=False, code="server_error", technical=str(found.get("code") or response.status_code))
        address = target.get("address") or {}
        lines = [str(address[name]) for name in ("line1", "line2", "line3", "line4", "postcode") if address.get(name)]
        asked_at, proof = (str(found.get(name) or "") for name in ("processingDate", "consultationNumber"))
        return VatAnswer(True, proof, asked_at, str(target.get("name") or "")[:300], ", ".join(lines)[:500])


def _is_misspelt(response, found: dict) -> bool:
    return response.status_code == 400 and "targetVrn" in str(found.get("message"))


def _json(response) -> dict:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
