"""Check a UK VAT number, version 2.0, as HMRC's OpenAPI file describes it, with the token that it wants.

Operations for faults: "token", "lookup". Control: POST /_control/traders {"vat": "553557881", "name", "line1", "postcode"} makes a
number known, {"vat", "valid": false} unknown again. Any client id with the secret of the sandbox is taken."""

import os
import re
import secrets
from datetime import UTC, datetime

from hostbill.sandbox.server import Answer, Request, SandboxApp

LOOKUP = "/organisations/vat/check-vat-number/lookup/"
MEDIA = "application/vnd.hmrc.2.0+json"
SECRET = os.environ.get("HOSTBILL_SANDBOX_HMRC_CLIENT_SECRET", "hmrc-sandbox-secret")
#: Invented firms that exist from the start: number -> name, line, postcode.
TRADERS = {
    "553557881": ("Credite Sberger Donal Inc.", "131B Barton Hamlet", "SW97 5CK"),
    "146295999": ("Wye Valley Looms Ltd", "2 Ferry Lane", "HR2 6BN"),
}


class Hmrc(SandboxApp):
    """One office with its register."""

    name = "hmrc"

    def initial_state(self) -> dict:
        """The firms, and the tokens given out."""
        return {"traders": {vat: list(words) for vat, words in TRADERS.items()}, "tokens": []}

    def operation(self, request: Request) -> str:
        """ "token" or "lookup"."""
        return "token" if request.path == "/oauth/token" else "lookup" if request.path.startswith(LOOKUP) else ""

    def logged_params(self, request: Request) -> dict:
        """Never the secret."""
        return {"path": request.path}

    def answer(self, request: Request) -> Answer:
        """One of the two, or a plain page."""
        operation = self.operation(request)
        if operation == "token" and request.method == "POST":
            return self._token(request.form)
        if operation == "lookup" and request.method == "GET":
            return self._refused(request) or self._looked_up(request.path.removeprefix(LOOKUP))
        return Answer.html("<!DOCTYPE html><title>HMRC</title><p>HMRC stand-in", 200 if request.path == "/" else 404)

    def _token(self, form: dict) -> Answer:
        if form.get("grant_type") != "client_credentials" or form.get("scope") != "read:vat":
            return Answer.json({"error": "invalid_request"}, 400)
        if not form.get("client_id") or form.get("client_secret") != SECRET:
            return Answer.json({"error": "invalid_client", "error_description": "invalid client id or secret"}, 401)
        token = secrets.token_hex(16)
        self.state["tokens"] = [*self.state["tokens"], token][-50:]
        return Answer.json({"access_token": token, "token_type": "bearer", "expires_in": 14400, "scope": "read:vat"})

    def _refused(self, request: Request) -> Answer | None:
        if request.headers.get("Accept") != MEDIA:
            return _error(406, "ACCEPT_HEADER_INVALID", "The accept header is missing or invalid")
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.state["tokens"]:
            return _error(401, "INVALID_CREDENTIALS", "Invalid Authentication information provided")
        return None

    def _looked_up(self, path: str) -> Answer:
        target, _slash, requester = path.partition("/")
        for name, number in (("targetVrn", target), ("requesterVrn", requester)):
            if not re.fullmatch(r"\d{9}|\d{12}", number, re.ASCII) and (number or name == "targetVrn"):
                return _error(400, "INVALID_REQUEST", f"Invalid {name} - Vrn parameters should be 9 or 12 digits")
        if requester and requester not in self.state["traders"]:
            return _error(403, "INVALID_REQUEST", "requesterVrn does not match a registered company")
        if target not in self.state["traders"]:
            return _error(404, "NOT_FOUND", "targetVrn does not match a registered company")
        name, line, postcode = self.state["traders"][target]
        address = {"line1": line, "postcode": postcode, "countryCode": "GB"}
        found = {"target": {"name": name, "vatNumber": target, "address": address}}
        if requester:
            found |= {"requester": requester, "consultationNumber": secrets.token_urlsafe(7)[:9]}
        return Answer.json(found | {"processingDate": datetime.now(UTC).isoformat(timespec="seconds")}, outcome="VALID")

    def control(self, name: str, data: dict) -> dict | None:
        """traders {vat, name, line1, postcode} or {vat, valid: false}."""
        if name != "traders":
            return None
        if data.get("valid", True):
            self.state["traders"][data["vat"]] = [data.get(key, "-") for key in ("name", "line1", "postcode")]
        else:
            self.state["traders"].pop(data["vat"], None)
        return {"traders": len(self.state["traders"])}


def _error(status: int, code: str, message: str) -> Answer:
    return Answer.json({"code": code, "message": message}, status, outcome=code)
