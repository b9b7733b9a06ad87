"""What goes to Plesk, and what odd answers mean."""

import xml.etree.ElementTree as ET
from types import SimpleNamespace

import pytest

from hostbill.core.errors import DriverError, OutcomeUnknown
from provisioning.panels.plesk import packets, xml
from provisioning.panels.plesk.client import PleskClient

VALUES = {"hostname": "plesk.example.com", "port": 8443, "secret_key": "KEY"}


def test_plan_comes_last_and_text_is_escaped():
    add = packets.webspace_add(
        domain="a.example.com",
        owner_id="7",
        address="192.0.2.1",
        login="alice",
        password="a<&>\"'",
        external_id="",
        plan="R&D",
    )
    operation = add.find("add")
    assert [child.tag for child in operation] == ["gen_setup", "hosting", "plan-name"]
    again = ET.fromstring(packets.packet([add], "1.6.9.1"))
    assert again.findtext(".//plan-name") == "R&D"
    assert "a<&>\"'" in [row.text for row in again.iter("value")]


def test_mutations_filter_by_id_only():
    """A filter by owner or name could hit other subscriptions."""
    for operator in (
        packets.webspace_status("5", 16),
        packets.webspace_del("5"),
        packets.customer_del("5"),
        packets.switch_subscription("5", "g"),
    ):
        assert [child.tag for child in operator.find(".//filter")] == ["id"]


@pytest.mark.parametrize("document", [b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', b"<x>", b"", b"{}"])
def test_dangerous_xml_is_refused(document):
    with pytest.raises(xml.BadXml):
        xml.parse(document)


def answer_of(monkeypatch, text, status=200):
    response = SimpleNamespace(status_code=status, text=text, content=text.encode(), headers={})
    client = PleskClient(VALUES)
    monkeypatch.setattr(client.address, "send", lambda *args, **kwargs: response)
    return client


@pytest.mark.parametrize(
    "text",
    ["", "<html><body>Service unavailable</body></html>", "<packet><customer><add><result><stat", "<packet/>",
     "<packet><customer><add/></customer></packet>"],
)  # fmt: skip
def test_no_result_is_unknown_when_something_may_have_changed(monkeypatch, text):
    client = answer_of(monkeypatch, text)
    with pytest.raises(OutcomeUnknown):
        client.change(packets.customer_del("5"))
    with pytest.raises(DriverError) as caught:
        client.read(packets.ip_get())
    assert (caught.value.code, caught.value.permanent) == ("bad_answer", False)


@pytest.mark.parametrize(
    "code,expected,permanent,stops",
    [(1001, "auth", False, True), (11003, "auth", False, True), (1012, "auth", False, True), (1006, "permission", True, False),
     (1023, "refused", False, False), (1030, "licence", True, True), (1014, "invalid", True, False)],
)  # fmt: skip
def test_errors_of_the_whole_packet(monkeypatch, code, expected, permanent, stops):
    text = f"<packet><system><status>error</status><errcode>{code}</errcode><errtext>no</errtext></system></packet>"
    with pytest.raises(DriverError) as caught:
        answer_of(monkeypatch, text).change(packets.customer_del("5"))
    assert (caught.value.code, caught.value.permanent, caught.value.stop_lane) == (expected, permanent, stops)


def test_half_right_packet_is_not_success(monkeypatch):
    done = "<customer><set><result><status>ok</status><id>1</id></result></set></customer>"
    failed = "<webspace><set><result><status>error</status><errcode>1006</errcode><errtext>no</errtext></result></set></webspace>"
    client = answer_of(monkeypatch, f"<packet>{done}{failed}</packet>")
    with pytest.raises(DriverError) as caught:
        client.change(packets.customer_set("1", description="x"), packets.webspace_status("5", 16))
    assert caught.value.code == "permission"
