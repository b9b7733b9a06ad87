"""The REST interface of VIES, as far as it is documented: check-vat-number, check-vat-test-service, check-status.

Faults beside the common ones are the errors of VIES by name, such as MS_UNAVAILABLE; they match the operation "check.FR".
Control: POST /_control/traders {"vat": "FR12345678901", "name": ..., "address": ...} makes a number valid, {"vat", "valid": false}
makes it unknown again."""

import re
import secrets
from datetime import UTC, datetime

from hostbill.sandbox.server import Answer, Request, SandboxApp

BASE = "/taxation_customs/vies/rest-api"
STATES = "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI".split()
ERRORS = frozenset(
    "SERVICE_UNAVAILABLE MS_UNAVAILABLE TIMEOUT GLOBAL_MAX_CONCURRENT_REQ MS_MAX_CONCURRENT_REQ VAT_BLOCKED IP_BLOCKED "
    "INVALID_REQUESTER_INFO".split()
)
#: The numbers of the test service and what each brings.
TEST_NUMBERS = {
    "100": "VALID",
    "200": "INVALID",
    "201": "INVALID_INPUT",
    "202": "INVALID_REQUESTER_INFO",
    "300": "SERVICE_UNAVAILABLE",
    "301": "MS_UNAVAILABLE",
    "302": "TIMEOUT",
    "400": "VAT_BLOCKED",
    "401": "IP_BLOCKED",
    "500": "GLOBAL_MAX_CONCURRENT_REQ",
    "501": "GLOBAL_MAX_CONCURRENT_REQ_TIME",
    "600": "MS_MAX_CONCURRENT_REQ",
    "601": "MS_MAX_CONCURRENT_REQ_TIME",
}
#: Invented firms that exist from the start.
TRADERS = {
    "ATU12345678": ("Alpenblick Webdesign GmbH", "Ringstraße 1\n1010 Wien"),
    "FR12345678901": ("SARL ATELIER LUMIERE", "1 RUE DE LA PAIX\n75002 PARIS"),
    "NL123456789B01": ("TULP STUDIO B.V.", "DAMRAK 1\n1012LG AMSTERDAM"),
    "IT12345678901": ("BOTTEGA DIGITALE S.R.L.", "VIA ROMA 1\n00184 ROMA RM"),
    "IE1234567T": ("GREEN HARBOUR LIMITED", "1 QUAY STREET, GALWAY"),
    "DE123456789": ("---", "---"),  # Germany tells no names
}


class Vies(SandboxApp):
    """One VIES with the registers of all states."""

    name = "vies"
    extra_fault_kinds = ERRORS

    def initial_state(self) -> dict:
        """The firms that exist."""
        return {"traders": {vat: list(words) for vat, words in TRADERS.items()}}

    def operation(self, request: Request) -> str:
        """ "check.FR", "test", "status"."""
        if request.path == f"{BASE}/check-vat-number":
            return f"check.{_body(request).get('countryCode', '')}"
        return {f"{BASE}/check-vat-test-service": "test", f"{BASE}/check-status": "status"}.get(request.path, "")

    def logged_params(self, request: Request) -> dict:
        """The question."""
        return _body(request)

    def answer(self, request: Request) -> Answer:
        """One of the three, or a plain page."""
        operation = self.operation(request)
        if operation == "status":
            return Answer.json({"vow": {"available": True}, "countries": [_availability(state) for state in STATES]})
        if not operation or request.method != "POST":
            return Answer.html("<!DOCTYPE html><title>VIES</title><p>VIES stand-in", 200 if request.path == "/" else 404)
        asked = _body(request)
        if operation == "test":
            return self._told(asked, TEST_NUMBERS.get(str(asked.get("vatNumber")), "INVALID_INPUT"))
        fault = self.faults.take(operation, only=ERRORS)
        return self._told(asked, fault.kind if fault else self._found(asked))

    def _found(self, asked: dict) -> str:
        state, number = str(asked.get("countryCode", "")), str(asked.get("vatNumber", ""))
        if state not in STATES or not re.fullmatch(r"[0-9A-Z+*.]{2,12}", number):
            return "INVALID_INPUT"
        requester = f"{asked.get('requesterMemberStateCode', '')}{asked.get('requesterNumber', '')}"
        if requester and not re.fullmatch(r"[A-Z]{2}[0-9A-Z+*.]{2,12}", requester):
            return "INVALID_REQUESTER_INFO"
        return "VALID" if f"{state}{number}" in self.state["traders"] else "INVALID"

    def _told(self, asked: dict, outcome: str) -> Answer:
        if outcome not in ("VALID", "INVALID"):
            status = 400 if outcome.startswith("INVALID") else 500
            return Answer.json({"actionSucceed": False, "errorWrappers": [{"error": outcome}]}, status, outcome=outcome)
        vat = f"{asked.get('countryCode', '')}{asked.get('vatNumber', '')}"
        name, address = self.state["traders"].get(vat, ("---", "---"))
        found = {
            "countryCode": asked.get("countryCode"),
            "vatNumber": asked.get("vatNumber"),
            "requestDate": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "valid": outcome == "VALID",
            "requestIdentifier": f"WAPIAAAA{secrets.token_urlsafe(6)}" if asked.get("requesterNumber") else "",
            "name": name,
            "address": address,
        }
        return Answer.json(found, outcome=outcome)

    def control(self, name: str, data: dict) -> dict | None:
        """traders {vat, name, address} or {vat, valid: false}."""
        if name != "traders":
            return None
        if data.get("valid", True):
            self.state["traders"][data["vat"]] = [data.get("name", "---"), data.get("address", "---")]
        else:
            self.state["traders"].pop(data["vat"], None)
        return {"traders": len(self.state["traders"])}


def _body(request: Request) -> dict:
    try:
        found = request.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _availability(state: str) -> dict:
    return {"countryCode": state, "availability": "Available"}
