"""What somebody might send to do harm: smuggled names, objects, bombs, huge and deep bodies; and what the log keeps."""

import base64
import logging

import pytest

from hostbill.core.middleware import RequestLogMiddleware
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.php import unserialise
from hostbill.whmcs.sent import MOST_BYTES, Unreadable, put
from hostbill.whmcs.values import Values
from tests.whmcs.conftest import URL

FORM = "application/x-www-form-urlencoded"


def packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def nested(pairs) -> dict:
    found = {}
    for name, text in pairs:
        put(found, name, text)
    return found


def test_php_brackets():
    assert nested([("pid[0]", "1"), ("pid[1]", "2")]) == {"pid": {"0": "1", "1": "2"}}
    assert nested([("a[]", "1"), ("a[]", "2"), ("a[7]", "3"), ("a[]", "4")]) == {"a": {"0": "1", "1": "2", "7": "3", "8": "4"}}
    assert nested([("p[1][monthly]", "5.00"), ("p[1][x]", "")]) == {"p": {"1": {"monthly": "5.00", "x": ""}}}
    assert nested([("renewals[a.example]", "1")]) == {"renewals": {"a.example": "1"}}
    assert nested([("a[", "1"), ("a]", "2"), ("[]", "3"), ("a[b]c", "4")]) == {"a[": "1", "a]": "2", "[]": "3", "a[b]c": "4"}
    assert Values(nested([("a[]", "x"), ("a[]", "y")])).several("a") == ["x", "y"]


@pytest.mark.parametrize("names", [["a" + "[x]" * 5], ["a", "a[x]"], ["a[x]", "a"], ["a[x]", "a[x][y]"]])
def test_senseless_arrays_are_refused(names):
    with pytest.raises(Unreadable):
        nested([(name, "1") for name in names])


def test_arrays_and_scalars_of_php_are_read():
    text = 'a:4:{i:1;s:3:"red";s:4:"caf\u00e9";s:6:"\u20acuro";i:3;a:1:{s:1:"x";b:1;}i:4;d:1.5;}'
    with pytest.raises(Refused):
        unserialise(packed(text))  # lengths count bytes: "café" is five
    text = text.replace('s:4:"caf', 's:5:"caf')
    assert unserialise(packed(text)) == {"1": "red", "café": "€uro", "3": {"x": "1"}, "4": "1.5"}
    assert unserialise(packed("a:0:{}")) == {} and unserialise(packed("a:1:{i:0;N;}")) == {"0": ""}
    assert Values({"c": packed("a:1:{i:0;i:-7;}")}).serialised("c") == {"0": "-7"}


@pytest.mark.parametrize(
    "text",
    [
        'O:8:"stdClass":0:{}',
        'a:1:{i:0;O:8:"stdClass":0:{}}',
        'C:11:"ArrayObject":0:{}',
        'a:2:{i:0;s:1:"a";i:1;R:2;}',
        "a:1:{i:0;r:1;}",
        'E:11:"Suit:Hearts";',
        's:3:"abc";',
        "i:7;",
        "a:99999:{i:0;i:1;}",
        "a:2:{i:0;i:1;}",
        "a:1:{i:0;i:1;}x",
        'a:1:{a:0:{}i:1;}',
        'a:2:{i:0;i:1;i:0;i:2;}',
        's:9999999:"a";',
        "a:1:{i:0;" * 40 + "N;" + "}" * 40,
        "a:3000:{" + "".join(f"i:{number};N;" for number in range(3000)) + "}",
        'a:1:{i:0;s:1:"\x00";}',
        "",
    ],
)
def test_anything_else_of_php_is_refused(text):
    with pytest.raises(Refused):
        unserialise(packed(text))


@pytest.mark.parametrize("text", ["!!!", "é", "YQ", "a" * 300_000])
def test_what_is_no_base64_is_refused(text):
    with pytest.raises(Refused):
        unserialise(text)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("action=WhmcsDetails", "action=GetAdminUsers"),
        ("action=WhmcsDetails&action=WhmcsDetails", ""),
        ("", "action=WhmcsDetails&action=GetAdminUsers"),
        ("", "action[]=WhmcsDetails"),
        ("", "action=WhmcsDetails&action[x]=GetAdminUsers"),
        ("", "action=WhmcsDetails&+action=GetAdminUsers"),
        ("action=WhmcsDetails&identifier=a", ""),
        ("action=WhmcsDetails", "secret[]=x"),
        ("action=WhmcsDetails", "a%00b=1"),
        ("action=WhmcsDetails", "a=%00"),
        ("action=WhmcsDetails", "&".join(f"a{number}=1" for number in range(1100))),
        ("action=WhmcsDetails", "a" + "[x]" * 9 + "=1"),
    ],
)
def test_smuggling_is_refused(query, body, whmcs):
    keys = "&".join(f"{name}={value}" for name, value in whmcs.keys.items())
    found = whmcs.client.post(f"{URL}?{query}", f"{keys}&{body}", content_type=FORM)
    assert found.status_code == 400 and found.json()["result"] == "error"


@pytest.mark.django_db
def test_huge_bodies_are_refused_before_they_are_read(whmcs):
    found = whmcs.client.post(URL, "action=WhmcsDetails", content_type=FORM, CONTENT_LENGTH=str(MOST_BYTES + 1))
    assert found.status_code == 413 and found.json()["message"] == "The request is too large"
    assert whmcs.client.post(URL, b"--x\r\nbad", content_type="multipart/form-data; boundary=x").status_code == 400
    assert whmcs.client.put(URL, "action=WhmcsDetails", content_type=FORM).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body", [b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', b'{"action": "WhmcsDetails"}', b"%ff%fe=%ff"]
)
def test_other_bodies_are_no_parameters(body, whmcs):
    for kind in ("application/xml", "application/json", "text/plain", FORM + "; charset=utf-16"):
        found = whmcs.client.post(URL, body, content_type=kind)
        assert found.status_code == 400 and b"root:" not in found.content


@pytest.mark.django_db
def test_the_log_keeps_no_secret(whmcs, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    secret = whmcs.keys["secret"]
    whmcs.send("GetClients", method="get")
    whmcs.send("WhmcsDetails", {"accesskey": "open-sesame", "password2": "three-blue-herons"}, method="get")
    whmcs.client.get(URL, {"action": "x", "identifier": "y" * 32, "secret": secret})
    told = caplog.text + "".join(capfd.readouterr())
    assert not any(word in told for word in (secret, "open-sesame", "three-blue-herons"))


def test_the_log_names_the_path_only(rf):
    assert RequestLogMiddleware.format_request(rf.get("/a/?secret=x")) == "GET /a/?…"
    assert RequestLogMiddleware.format_request(rf.post("/a/")) == "POST /a/"
