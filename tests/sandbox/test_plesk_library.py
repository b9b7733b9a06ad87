"""A client library that others wrote for real Plesk (pypleski, from PyPI) works against the sandbox.

Only its transport is replaced: it speaks TLS whatever it is told, and the sandbox is on plain loopback."""

from contextlib import closing
from http.client import HTTPConnection

import pytest
from pypleski import customer, session, webspace
from pypleski.core import PleskApiClient, PleskRequestPacket

DOMAIN = "garry.example.com"


class Library(PleskApiClient):
    """The library's client over plain HTTP."""

    def _create_connection(self):
        return closing(HTTPConnection(self.server, self.port, timeout=10))


@pytest.fixture
def ask(plesk):
    """Send one of the library's packets; gives what its own response class read."""
    host, port = plesk.url.removeprefix("http://").split(":")
    library = Library(host, int(port), use_ssl=False)
    library.set_credentials(plesk.server.username, plesk.server.password)

    def _ask(packet):
        return library.request_from_string(packet) if isinstance(packet, str) else library.request(packet)

    return _ask


def text(answer) -> str:
    """The document as the library gives it back."""
    found = answer if isinstance(answer, str) else answer.to_string()
    return found.decode() if isinstance(found, bytes) else found


def webspace_of(login: str, address: str) -> str:
    """A subscription as text: the library's dictionaries cannot repeat an element."""
    return (
        f"<packet><webspace><add><gen_setup><name>{DOMAIN}</name><owner-login>{login}</owner-login><htype>vrt_hst</htype>"
        f"<ip_address>{address}</ip_address></gen_setup><hosting><vrt_hst>"
        f"<property><name>ftp_login</name><value>{login}</value></property>"
        "<property><name>ftp_password</name><value>T0pS3crt.P4ssw0Rd</value></property>"
        f"<ip_address>{address}</ip_address></vrt_hst></hosting><plan-name>start</plan-name></add></webspace></packet>"
    )


def test_a_customer_and_a_subscription_live_and_end(ask, plesk):
    made = ask(customer.add_customer(pname="Garry", login="garry1", passwd="T0pS3crt.P4ssw0Rd", status=0))
    assert "<status>ok</status>" in text(made) and "<guid>" in text(made)
    assert "<pname>Garry</pname>" in text(ask(customer.get_customer_by_login("garry1")))
    addresses = text(ask(PleskRequestPacket("ip", "get")))
    address = addresses.split("<ip_address>")[1].split("<")[0]

    added = text(ask(webspace_of("garry1", address)))
    assert "<status>ok</status>" in added, added
    assert DOMAIN in text(ask(webspace.get_webspace()))
    assert DOMAIN in str(plesk.control("state"))

    assert "<status>ok</status>" in text(ask(webspace.delete_webspace("name", DOMAIN)))
    assert "<status>ok</status>" in text(ask(customer.delete_customer_by_login("garry1")))
    assert "<errcode>1013</errcode>" in text(ask(customer.get_customer_by_login("garry1")))


def test_its_questions_about_the_server_are_answered(ask):
    assert "<proto>1.6.9.1</proto>" in text(ask(PleskRequestPacket("server", "get_protos")))
    assert "<name>start</name>" in text(ask(PleskRequestPacket("service-plan", "get", filter="")))
    assert "disk_space" in text(ask(webspace.get_limit_descriptor()))
    assert "<status>ok</status>" in text(ask(session.get_sessions()))


def test_a_wrong_password_is_told_as_plesk_tells_it(plesk):
    host, port = plesk.url.removeprefix("http://").split(":")
    library = Library(host, int(port), use_ssl=False)
    library.set_credentials("admin", "wrong")
    assert "<errcode>1001</errcode>" in text(library.request(customer.get_customers()))
