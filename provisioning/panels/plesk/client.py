"""Packets to Plesk's agent.php and results back."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass

from hostbill.core.errors import DriverError
from provisioning.panels.address import LONG, READ, Address
from provisioning.panels.answers import check_status, spellings, unreadable
from provisioning.panels.plesk import packets, xml
from provisioning.panels.plesk.errors import classify

AGENT = "/enterprise/control/agent.php"
VERSION = "1.6.9.1"


@dataclass
class Result:
    """One <result>: its element, or the error it carries."""

    element: ET.Element
    error: DriverError | None

    def text(self, path: str) -> str:
        """Text below the result."""
        return xml.text(self.element, path)


class PleskClient:
    """Sends packets as the administrator (login and password) or with a secret key."""

    def __init__(self, values: dict):
        self.address = Address(values)
        self._secrets = [values.get("password") or "", values.get("secret_key") or ""]
        if values.get("secret_key"):
            self._login = {"KEY": values["secret_key"]}
        else:
            self._login = {
                "HTTP_AUTH_LOGIN": values.get("username") or "admin",
                "HTTP_AUTH_PASSWD": values.get("password") or "",
            }

    def read(self, *operators: ET.Element) -> list[list[Result]]:
        """Send operations that change nothing: for each, its results (errors are left inside, "missing" is often an answer)."""
        return self._send(operators, mutating=False, hide=())

    def change(self, *operators: ET.Element, hide: tuple[str, ...] = ()) -> list[list[Result]]:
        """Send operations that change something; the first error among the results is raised. `hide`: secrets inside."""
        answers = self._send(operators, mutating=True, hide=hide)
        for results in answers:
            for result in results:
                if result.error:
                    raise result.error
        return answers

    def _send(self, operators, *, mutating: bool, hide: tuple[str, ...]) -> list[list[Result]]:
        response = self.address.send(
            "POST",
            AGENT,
            mutating=mutating,
            timeout=LONG if mutating else READ,
            secrets=spellings((*self._secrets, *hide)),
            headers={"Content-Type": "text/xml", "HTTP_PRETTY_PRINT": "TRUE", **self._login},
            data=packets.packet(list(operators), VERSION),
        )
        check_status(response, mutating=mutating)
        try:
            reply = xml.parse(response.content)
        except xml.BadXml as error:
            raise unreadable(response, mutating=mutating) from error
        system = reply.find("system")
        if system is not None and xml.text(system, "status") == "error":
            raise classify("packet", xml.number(system, "errcode"), xml.text(system, "errtext"))
        answers = [_results(operation) for operator in reply for operation in operator]
        if reply.tag != "packet" or len(answers) != len(operators) or not all(answers):
            raise unreadable(response, mutating=mutating)
        return answers


def _results(operation: ET.Element) -> list[Result]:
    found = []
    for element in operation.findall("result"):
        error = None
        if xml.text(element, "status") != "ok":
            error = classify(operation.tag, xml.number(element, "errcode"), xml.text(element, "errtext"))
        found.append(Result(element, error))
    return found


def present(results: list[Result]) -> list[Result]:
    """The results that are objects. "missing" ones are dropped, any other error is raised; an ok without id is "no objects"."""
    for result in results:
        if result.error and result.error.code != "missing":
            raise result.error
    return [result for result in results if not result.error and result.text("id")]
