"""Answers of real WHM servers, as documented or reported in public, and what the client makes of them."""

import json
from types import SimpleNamespace

import pytest

from hostbill.core.errors import DriverError, OutcomeUnknown
from provisioning.panels.cpanel.client import WhmClient
from provisioning.panels.cpanel.errors import classify

VALUES = {"hostname": "whm.example.com", "port": 2087, "username": "root", "token": "TOKEN"}

REASONS = [
    ("createacct", "Sorry, a group for that username already exists.", "username_taken"),
    ("createacct", "This system already has an account named “alice”.", "username_taken"),
    ("createacct", "(XID k7w) The domain “example.com” already exists in the userdata.", "domain_taken"),
    ("createacct", "A DNS entry for “example.com” already exists. You must remove it.", "domain_taken"),
    ("createacct", "Sorry, that domain is already configured", "domain_taken"),
    ("createacct", "“admin” is a reserved username on this system.", "bad_username"),
    ("createacct", "“9lives” is not a valid username on this system.", "bad_username"),
    ("createacct", "The package “gold” does not exist.", "plan_missing"),
    ("changepackage", "“gold” is not a valid package", "plan_missing"),
    (
        "createacct",
        "Your license allows 5 accounts and this server has reached the maximum number of accounts.",
        "server_full",
    ),
    ("createacct", "You have exceeded your account limit", "server_full"),
    ("createacct", "The password you selected cannot be used because it is too weak.", "weak_password"),
    ("accountsummary", "The user “alice” does not exist.", "missing"),
    ("suspendacct", "You do not have permission to suspend that account", "permission"),
    ("suspendacct", "Account is already suspended", "already"),
    ("createacct", "Something nobody has seen", "refused"),
    ("createacct", "", "refused"),
]


@pytest.mark.parametrize("function,reason,code", REASONS)
def test_reasons_become_codes(function, reason, code):
    error = classify(function, reason)
    assert (error.code, error.permanent, error.stop_lane) == (code, True, False)


def answer_of(monkeypatch, body, status=200):
    """A client whose server answers with this, recorded, body."""
    text = body if isinstance(body, str) else json.dumps(body)
    response = SimpleNamespace(
        status_code=status, text=text, content=text.encode(), headers={}, json=lambda: json.loads(text)
    )
    client = WhmClient(VALUES)
    monkeypatch.setattr(client.address, "send", lambda *args, **kwargs: response)
    return client


@pytest.mark.parametrize(
    "body",
    [
        {"metadata": {"result": 1, "reason": "OK", "command": "x", "version": 1}, "data": {"version": "11.1"}},
        {"metadata": {"result": "1", "reason": "OK"}, "data": {"version": "11.1"}},
        {"status": 1, "statusmsg": "Ok", "version": "11.1"},
        {"result": [{"status": 1, "statusmsg": "Ok", "version": "11.1"}]},
    ],
)
def test_every_shape_of_success(monkeypatch, body):
    assert answer_of(monkeypatch, body).read("version")["version"] == "11.1"


@pytest.mark.parametrize(
    "body",
    [
        {"metadata": {"result": 0, "reason": "Nope"}},
        {"result": [{"status": 0, "statusmsg": "Nope"}]},
        {"status": "0", "statusmsg": "Nope"},
    ],
)
def test_result_zero_is_never_success(monkeypatch, body):
    with pytest.raises(DriverError) as caught:
        answer_of(monkeypatch, body).change("createacct")
    assert (caught.value.code, caught.value.permanent) == ("refused", True)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html><body>Your browser is not supported</body></html>",
        '{"metadata": {"res',
        "[]",
        "true",
        {"data": {}},
        {},
    ],
)
def test_no_envelope_is_unknown_when_something_may_have_changed(monkeypatch, body):
    client = answer_of(monkeypatch, body)
    with pytest.raises(OutcomeUnknown):
        client.change("createacct")
    with pytest.raises(DriverError) as caught:
        client.read("accountsummary")
    assert (caught.value.code, caught.value.permanent) == ("bad_answer", False)


@pytest.mark.parametrize(
    "body,status",
    [
        ({"cpanelresult": {"error": "Access denied", "data": {"reason": "Access denied", "result": "0"}}}, 200),
        ("<html>Login</html>", 401),
        ({"status": 0}, 403),
    ],
)
def test_refused_at_the_door(monkeypatch, body, status):
    with pytest.raises(DriverError) as caught:
        answer_of(monkeypatch, body, status).change("createacct")
    assert (caught.value.code, caught.value.stop_lane) == ("auth", True)


@pytest.mark.parametrize("status", [301, 404])
def test_wrong_address(monkeypatch, status):
    with pytest.raises(DriverError) as caught:
        answer_of(monkeypatch, "<html/>", status).read("version")
    assert (caught.value.code, caught.value.permanent) == ("bad_address", True)
