"""Where webhooks may go, whatever a name says and however an address is written."""

import socket
from ipaddress import ip_address

import pytest
from django.core.exceptions import ValidationError

from hostbill.core.models import WebhookDelivery
from hostbill.core.webhooks import targets
from hostbill.core.webhooks.endpoints import create_endpoint, send_test
from hostbill.core.webhooks.troubles import Trouble
from tests.webhooks.conftest import allow

pytestmark = pytest.mark.django_db

INSIDE = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "192.0.2.1",
    "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::", "2002:a00:1::", "fec0::1", "64:ff9b:1::7f00:1", "::ffff:0:7f00:1", "4000::1", "192.88.99.1",
]  # fmt: skip
OUTSIDE = ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"]
#: Ways to write 127.0.0.1 or another inner address in a URL.
SPELT = [
    "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://0/",
    "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://localhost/", "https://LOCALHOST./",
    "https://169.254.169.254/latest/meta-data/", "https://[fd00:ec2::254]/", "https://10.1.2.3:8443/hook",
]  # fmt: skip
NONSENSE = [
    "ftp://hooks.example.com/", "javascript:alert(1)", "hooks.example.com", "https://", "https:///x", "//hooks.example.com/",
    "https://user:secret@hooks.example.com/", "https://hooks.example.com/#x", "https://hooks.example.com:22/",
    "https://hooks.example.com:25/", "https://hooks.example.com:99999/", "https://hooks.example.com/a b", "https://h\nx/",
    "https://[::1/", "https://hooks.example.com\\@127.0.0.1/", "http://hooks.example.com/", "https://hööks.example.com/",
    "https://hooks.example.com/" + "x" * 500,
]  # fmt: skip


@pytest.mark.parametrize("text", INSIDE)
def test_inner_addresses_are_not_public(text):
    assert not targets.is_public(ip_address(text))


@pytest.mark.parametrize("text", OUTSIDE)
def test_others_are(text):
    assert targets.is_public(ip_address(text))


@pytest.mark.parametrize("url", SPELT)
def test_inner_addresses_are_refused_however_they_are_written(url):
    with pytest.raises(ValidationError):
        targets.check(url, is_client=False)
    with pytest.raises(Trouble) as raised:
        targets.resolve(url, is_client=False)
    assert raised.value.code == "forbidden_address"


@pytest.mark.parametrize("url", NONSENSE)
def test_nonsense_is_refused(url):
    with pytest.raises(ValidationError):
        targets.check(url, is_client=False)


def names(monkeypatch, *answers):
    """The name service answers so, one list of addresses after the other; the last repeats."""
    left = [list(answer) for answer in answers]

    def answer(host, port, **how):
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(targets.socket, "getaddrinfo", answer)


@pytest.mark.parametrize("found", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::ffff:127.0.0.1"], ["169.254.169.254"]])
def test_a_name_that_leads_inside_is_refused_at_saving_and_at_sending(monkeypatch, found):
    names(monkeypatch, found)
    with pytest.raises(ValidationError):
        targets.check("https://inside.example.com/", is_client=False)
    with pytest.raises(Trouble):
        targets.resolve("https://inside.example.com/", is_client=False)


def test_a_name_nobody_knows_yet_may_be_saved_and_is_tried_again(monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(targets.socket, "getaddrinfo", unknown)
    targets.check("https://soon.example.com/", is_client=False)
    with pytest.raises(Trouble) as raised:
        targets.resolve("https://soon.example.com/", is_client=False)
    assert raised.value.code == "no_such_host" and not raised.value.permanent


def test_a_name_that_answers_differently_later_reaches_the_checked_address(receiver, cast, monkeypatch, drain):
    """Rebinding: the lookup of the check decides; what the name says afterwards is never asked."""
    port = receiver.sandbox.hooks.url.rsplit(":", 1)[1]
    asked = []
    real = socket.getaddrinfo

    def answer(host, *args, **kwargs):
        asked.append(host)
        return real("127.0.0.1" if host == "rebind.example.com" and asked.count(host) == 1 else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    url = f"http://rebind.example.com:{port}/{receiver.path}"
    endpoint = create_endpoint(actor=cast.stella_actor, label="R", target_url=url, events=["invoice.issued"])
    send_test(endpoint, actor=cast.stella_actor)
    drain()
    assert asked.count("rebind.example.com") == 1
    got = receiver.got()[-1]
    assert got["headers"]["host"] == f"rebind.example.com:{port}"


def test_what_became_forbidden_after_saving_is_not_sent(endpoint, receiver, cast, drain):
    allow("allowed_networks", "")
    send_test(endpoint, actor=cast.stella_actor)
    drain()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.error_code, receiver.got()) == ("waiting", "forbidden_address", [])


def test_a_redirect_inside_is_not_followed(endpoint, receiver, cast, drain):
    receiver.fail("redirect", 1)
    receiver.sandbox.control("hooks", "calls", method="DELETE")
    send_test(endpoint, actor=cast.stella_actor)
    drain()
    assert [call["path"] for call in receiver.sandbox.control("hooks", "calls")] == [f"/{receiver.path}"]
    attempt = WebhookDelivery.objects.get().attempts.get()
    assert (attempt.status, attempt.error_code, attempt.address) == (302, "redirect", "127.0.0.1")


def test_networks_of_ones_own_are_for_the_house_and_never_link_local(db):
    allow("allowed_networks", "10.0.0.0/8\n169.254.0.0/16")
    assert targets.may_reach(ip_address("10.1.1.1"), is_client=False)
    assert not targets.may_reach(ip_address("10.1.1.1"), is_client=True)
    assert not targets.may_reach(ip_address("169.254.169.254"), is_client=False)
    with pytest.raises(ValidationError):
        allow("allowed_networks", "10.0.0.0/8\nnonsense")
