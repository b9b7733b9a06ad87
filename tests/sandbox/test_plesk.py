"""The Plesk stand-in checks element order, reports errors at both levels and answers each object on its own."""

import base64

import pytest
import requests

PASSWORD = "Tr7kZp9Qx!"
CUSTOMER = (
    "<customer><add><gen_info><pname>Alice</pname><login>{login}</login><passwd>" + PASSWORD + "</passwd>"
    "<email>a@example.com</email><external-id>{external}</external-id></gen_info></add></customer>"
)
SETUP = "<gen_setup><name>{name}</name>{owner}<htype>vrt_hst</htype><ip_address>192.0.2.20</ip_address></gen_setup>"
HOSTING = (
    "<hosting><vrt_hst><property><name>ftp_login</name><value>{login}</value></property><property><name>ftp_password</name><value>"
    + PASSWORD
    + "</value></property><ip_address>192.0.2.20</ip_address></vrt_hst></hosting>"
)
PERMISSIONS = "<permissions><permission><name>manage_dns</name><value>true</value></permission></permissions>"
PLAN = "<plan-name>start</plan-name>"


def webspace(*parts, name="alice.example.com", login="alice7k2", owner="<owner-login>alice7k2</owner-login>"):
    inside = "".join(
        part.format(name=name, login=login, owner=owner) for part in parts or (SETUP, HOSTING, PERMISSIONS, PLAN)
    )
    return f"<webspace><add>{inside}</add></webspace>"


def code(answer):
    """First error code anywhere, 0 = none."""
    return int(answer.findtext(".//errcode", "0"))


@pytest.fixture
def alice(plesk):
    """A customer with one subscription."""
    assert code(plesk.send(CUSTOMER.format(login="alice7k2", external="u-1") + webspace())) == 0
    return plesk


@pytest.mark.parametrize(
    "parts",
    [(SETUP, HOSTING, PLAN, PERMISSIONS), (PLAN, SETUP, HOSTING), (HOSTING, SETUP), (SETUP, "<surprise/>")],
    ids=["plan before permissions", "plan first", "hosting first", "unknown element"],
)
def test_element_order_is_checked(plesk, parts):
    answer = plesk.send(CUSTOMER.format(login="alice7k2", external="u-1") + webspace(*parts))
    assert answer.findtext("system/errcode") == "1014"
    assert plesk.control("state")["customers"] == {}, "nothing of a malformed packet may be done"


def test_customer_order_is_checked(plesk):
    answer = plesk.send("<customer><add><gen_info><login>a</login><pname>A</pname></gen_info></add></customer>")
    assert answer.findtext("system/errcode") == "1014"


@pytest.mark.parametrize("document", ['<!DOCTYPE p [<!ENTITY e "x">]><packet>&e;</packet>', "<packet>", "", "<html/>"])
def test_dangerous_or_broken_xml_is_refused(plesk, document):
    login = {"KEY": plesk.server.secret_key}
    answer = requests.post(f"{plesk.url}/enterprise/control/agent.php", data=document, headers=login, timeout=5)
    assert answer.status_code == 200
    assert "<errcode>1014</errcode>" in answer.text


def test_utf16_cannot_smuggle_a_document_type(plesk):
    document = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE p [<!ENTITY e "x">]><packet>&e;</packet>'.encode(
        "utf-16"
    )
    login = {"KEY": plesk.server.secret_key}
    answer = requests.post(f"{plesk.url}/enterprise/control/agent.php", data=document, headers=login, timeout=5)
    assert "<errcode>1014</errcode>" in answer.text


@pytest.mark.parametrize(
    "headers,expected",
    [({"KEY": "wrong"}, 11003), ({"HTTP_AUTH_LOGIN": "admin", "HTTP_AUTH_PASSWD": "wrong"}, 1001), ({}, 1001)],
)
def test_refused_credentials(plesk, headers, expected):
    assert plesk.send("<server><get_protos/></server>", headers=headers).findtext("system/errcode") == str(expected)


def test_login_and_password_work_too(plesk):
    login = {"HTTP_AUTH_LOGIN": "admin", "HTTP_AUTH_PASSWD": plesk.server.password}
    assert "1.6.9.1" in [row.text for row in plesk.send("<server><get_protos/></server>", headers=login).iter("proto")]


def test_unknown_protocol_version(plesk):
    assert plesk.send("<ip><get/></ip>", version="9.9").findtext("system/errcode") == "1005"


def test_secret_key_is_bound_to_its_address(plesk):
    made = plesk.send("<secret_key><create><ip_address>192.168.0.1</ip_address></create></secret_key>").findtext(
        ".//key"
    )
    here = plesk.send("<secret_key><create><ip_address>127.0.0.1</ip_address></create></secret_key>").findtext(".//key")
    assert code(plesk.send("<ip><get/></ip>", headers={"KEY": made})) == 11003
    assert code(plesk.send("<ip><get/></ip>", headers={"KEY": here})) == 0
    info = plesk.send(f"<secret_key><get_info><filter><key>{made}</key></filter></get_info></secret_key>")
    assert info.findtext(".//key_info/ip_address") == "192.168.0.1"
    plesk.send(f"<secret_key><delete><filter><key>{made}</key></filter></delete></secret_key>")
    assert code(plesk.send(f"<secret_key><get_info><filter><key>{made}</key></filter></get_info></secret_key>")) == 1013


def test_one_result_for_each_object(alice):
    answer = alice.send(
        "<webspace><get><filter><name>alice.example.com</name><name>nobody.example.com</name></filter>"
        "<dataset><gen_info/></dataset></get></webspace>"
    )
    results = answer.findall("webspace/get/result")
    assert [row.findtext("status") for row in results] == ["ok", "error"]
    assert [row.findtext("filter-id") for row in results] == ["alice.example.com", "nobody.example.com"]
    assert results[1].findtext("errcode") == "1013"


@pytest.mark.parametrize(
    "packet,expected",
    [
        (CUSTOMER.format(login="alice7k2", external="u-2"), 1007),
        (CUSTOMER.format(login="other", external="u-1"), 1007),
        (webspace(), 1007),
        (webspace(name="b.example.com"), 1007),
        (webspace(name="b.example.com", login="bobby", owner="<owner-id>999</owner-id>"), 1015),
        (webspace(SETUP.replace("192.0.2.20", "10.9.9.9"), HOSTING, name="b.example.com", login="bobby"), 1018),
        (webspace(name="not a domain", login="bobby"), 1019),
        (webspace(SETUP, HOSTING, "<plan-name>nope</plan-name>", name="b.example.com", login="bobby"), 1013),
    ],
    ids=["login", "external id", "domain", "system user", "owner", "address", "name", "plan"],
)
def test_error_codes(alice, packet, expected):
    assert code(alice.send(packet)) == expected


def test_licence_limits(alice):
    alice.control("settings", {"lim_dom": 1, "lim_cl": 1})
    assert code(alice.send(webspace(name="b.example.com", login="bobby"))) == 1024
    assert code(alice.send(CUSTOMER.format(login="other", external="u-2"))) == 1024
    key = alice.send("<server><get><key/></get></server>")
    limits = {row.findtext("name"): row.findtext("value") for row in key.iter("property")}
    assert limits["lim_dom"] == "1"


def test_suspending_the_customer_stops_all_subscriptions(alice):
    alice.send(webspace(name="b.example.com", login="bobby"))
    alice.send(
        "<customer><set><filter><login>alice7k2</login></filter><values><gen_info><status>16</status></gen_info></values></set></customer>"
    )
    for name in ("alice.example.com", "b.example.com"):
        assert requests.get(f"{alice.url}/site/{name}", timeout=5).status_code == 503


def test_filter_by_owner_hits_all_subscriptions(alice):
    """The trap: our driver filters by id."""
    alice.send(webspace(name="b.example.com", login="bobby"))
    answer = alice.send(
        "<webspace><set><filter><owner-login>alice7k2</owner-login></filter><values><gen_setup><status>16</status></gen_setup>"
        "</values></set></webspace>"
    )
    assert len(answer.findall("webspace/set/result")) == 2


def test_switch_subscription_by_guid(alice):
    guid = alice.send("<service-plan><get><filter><name>grow</name></filter></get></service-plan>").findtext(".//guid")
    alice.send(
        f"<webspace><switch-subscription><filter><name>alice.example.com</name></filter><plan-guid>{guid}</plan-guid>"
        "</switch-subscription></webspace>"
    )
    shown = alice.send(
        "<webspace><get><filter><name>alice.example.com</name></filter><dataset><limits/><subscriptions/></dataset></get></webspace>"
    )
    assert shown.findtext(".//plan-guid") == guid
    assert str(20 * 1024**3) in [row.text for row in shown.iter("value")]


def test_session_is_bound_to_the_browsers_address(alice):
    def session(address):
        encoded = base64.b64encode(address.encode()).decode()
        data = f"<user_ip>{encoded}</user_ip><source_server/>"
        answer = alice.send(
            f"<server><create_session><login>alice7k2</login><data>{data}</data></create_session></server>"
        )
        return requests.get(
            f"{alice.url}/enterprise/rsession_init.php", params={"PHPSESSID": answer.findtext(".//id")}, timeout=5
        )

    assert session("203.0.113.9").status_code == 401
    page = session("127.0.0.1")
    assert (page.status_code, "alice.example.com" in page.text) == (200, True)


def test_rest(alice):
    login = {"auth": ("admin", alice.server.password), "timeout": 5}
    api = f"{alice.url}/api/v2"
    made = requests.post(
        f"{api}/clients", json={"name": "Bob", "login": "bob1", "password": PASSWORD, "type": "customer"}, **login
    )
    assert made.status_code == 201
    domain = requests.post(
        f"{api}/domains",
        json={
            "name": "bob.example.com",
            "hosting_type": "virtual",
            "hosting_settings": {"ftp_login": "bob1", "ftp_password": PASSWORD},
            "owner_client": {"id": made.json()["id"]},
            "plan": {"name": "start"},
        },
        **login,
    ).json()
    requests.put(f"{api}/domains/{domain['id']}/status", json={"status": "suspended"}, **login)
    assert requests.get(f"{api}/domains/{domain['id']}/status", **login).json() == {"status": "suspended"}
    on = requests.post(
        f"{api}/cli/subscription/call", json={"params": ["--webspace-on", "bob.example.com"]}, **login
    ).json()
    assert on["code"] == 0
    assert requests.get(f"{api}/domains/{domain['id']}/status", **login).json() == {"status": "active"}
    assert [row["name"] for row in requests.get(f"{api}/clients/{made.json()['id']}/domains", **login).json()] == [
        "bob.example.com"
    ]
    assert requests.get(f"{api}/clients/999", **login).json()["code"] == 1013
    assert requests.get(f"{api}/server", auth=("admin", "wrong"), timeout=5).status_code == 401
    key = requests.post(f"{api}/auth/keys", json={"ip": "127.0.0.1"}, **login).json()["key"]
    assert requests.get(f"{api}/server/ips", headers={"X-API-Key": key}, timeout=5).json()[0]["ipv4"] == "192.0.2.20"


@pytest.mark.parametrize("version", ["1.6", "1.6.5", "1.6.3.0"])
def test_short_protocol_versions(plesk, version):
    assert code(plesk.send("<server><get_protos/></server>", version=version)) == 0


def test_strangers_ways_of_asking(plesk):
    """Shapes that the vendor's own PHP library and its billing plug-in send."""
    facts = plesk.send("<server><get><admin/><stat/><components/><services_state/><shells/><updates/></get></server>")
    assert facts.findtext(".//version/internal_name") == "psa"
    assert "@" in facts.findtext(".//admin_email")
    limits = plesk.send("<webspace><get-limit-descriptor><filter/></get-limit-descriptor></webspace>")
    assert "disk_space" in [row.text for row in limits.iterfind(".//descriptor/property/name")]
    by_admin = webspace(SETUP.replace("<htype>vrt_hst</htype>", ""), HOSTING, owner="")
    assert code(plesk.send(by_admin)) == 0
    status_first = SETUP.replace("<ip_address>", "<status>0</status><ip_address>")
    full = webspace(
        status_first,
        HOSTING,
        "<limits><overuse>block</overuse></limits><prefs><www>false</www></prefs><performance><bandwidth>120</bandwidth></performance>",
        PERMISSIONS,
        "<php-settings/>",
        "<plan-name>Unlimited</plan-name>",
        name="b.example.com",
        login="bobby",
        owner="<owner-id>1</owner-id>",
    )
    assert code(plesk.send(full)) == 0
    two = plesk.send("<server><get_protos/></server><server><get><gen_info/></get></server>")
    assert len(two.findall("server")) == 2
