"""The WHM stand-in refuses what WHM refuses and answers in its shapes."""

import pytest
import requests

GOOD = {"username": "alice7k2", "domain": "alice.example.com", "plan": "start", "password": "Tr7kZp9Qx!"}


def reason(answer):
    assert answer["metadata"]["result"] == 0, answer
    return answer["metadata"]["reason"]


@pytest.mark.parametrize(
    "username",
    ["9lives", "test123", "mypassword", "with-dash", "MiXeD.dot", "admin", "mysql", "seventeencharslong", "", "a b"],
)
def test_usernames_that_whm_refuses(whm, username):
    assert "username" in reason(whm.call("createacct", **{**GOOD, "username": username}))
    assert "username" in reason(whm.call("verify_new_username", user=username))


def test_first_eight_characters_are_unique(whm):
    assert whm.call("createacct", **{**GOOD, "username": "abcdefgh1"})["metadata"]["result"] == 1
    taken = whm.call("createacct", **{**GOOD, "username": "abcdefgh2", "domain": "b.example.com"})
    assert "first 8 characters" in reason(taken)


def test_password_is_shown_in_the_log_unless_told_not_to(whm):
    shown = whm.call("createacct", **GOOD)
    hidden = whm.call("createacct", **{**GOOD, "username": "bobby4m9", "domain": "b.example.com", "showpass": "n"})
    assert GOOD["password"] in shown["metadata"]["output"]["raw"]
    assert GOOD["password"] not in hidden["metadata"]["output"]["raw"]


def test_left_over_dns_zone_blocks_creation(whm):
    whm.control("zone", {"domain": GOOD["domain"]})
    assert "DNS" in reason(whm.call("createacct", **GOOD))
    assert whm.call("createacct", **GOOD, forcedns="1")["metadata"]["result"] == 1


def test_missing_plan_means_default(whm):
    made = whm.call("createacct", **{**GOOD, "plan": ""})
    assert made["data"]["package"] == "default"


def test_old_answer_shape_without_api_version(whm):
    assert whm.call("createacct", version="", **GOOD)["result"][0]["status"] == 1
    missing = whm.call("accountsummary", version="", user="nobody")
    assert missing["status"] == 0
    assert "does not exist" in missing["statusmsg"]
    assert whm.call("listpkgs", version="")["package"][0]["name"] == "default"


def test_wrong_token_is_the_cpanelresult_shape(whm):
    answer = whm.call("version", headers={"Authorization": "whm root:wrong"})
    assert answer["cpanelresult"]["data"]["result"] == "0"


def test_brute_force_guard_locks_even_the_right_token(whm):
    whm.control("settings", {"lock_after": 2})
    for _ in range(2):
        whm.call("version", headers={"Authorization": "whm root:wrong"})
    assert "cpanelresult" in whm.call("version")


def test_search_is_a_regular_expression(whm):
    whm.call("createacct", **GOOD)
    whm.call("createacct", **{**GOOD, "username": "bobby4m9", "domain": "aliceXexample.com"})
    loose = whm.call("listaccts", search="alice.example.com", searchtype="domain")
    exact = whm.call("listaccts", search=r"^alice\.example\.com$", searchtype="domain", want="user")
    assert len(loose["data"]["acct"]) == 2
    assert exact["data"]["acct"] == [{"user": "alice7k2"}]


def test_token_without_a_right(whm):
    whm.control("settings", {"privileges": ["list-accts"]})
    assert "create-acct" in reason(whm.call("createacct", **GOOD))
    assert whm.call("myprivs")["data"]["privileges"] == [{"list-accts": 1}]


def test_suspended_account_has_no_session_and_shows_it(whm):
    whm.call("createacct", **GOOD)
    url = whm.call("create_user_session", user="alice7k2", service="cpaneld")["data"]["url"]
    assert requests.get(url, timeout=5).status_code == 200
    whm.call("suspendacct", user="alice7k2", reason="unpaid")
    assert "suspended" in reason(whm.call("create_user_session", user="alice7k2", service="cpaneld"))
    page = requests.get(url, timeout=5)
    assert (page.status_code, "unpaid" in page.text) == (403, True)


def test_customer_logs_in_with_the_password(whm):
    whm.call("createacct", **GOOD)
    right = requests.post(f"{whm.url}/login/", data={"user": "alice7k2", "pass": GOOD["password"]}, timeout=5)
    wrong = requests.post(f"{whm.url}/login/", data={"user": "alice7k2", "pass": "nope"}, timeout=5)
    assert (right.status_code, "alice.example.com" in right.text) == (200, True)
    assert wrong.status_code == 401


def test_sessions_end_after_fifteen_idle_minutes(whm):
    whm.call("createacct", **GOOD)
    url = whm.call("create_user_session", user="alice7k2", service="cpaneld")["data"]["url"]
    whm.control("clock", {"now": "2099-01-01T00:00:00+00:00"})
    assert requests.get(url, timeout=5).status_code == 401


def test_usage_grows_with_the_clock(whm):
    whm.call("createacct", **GOOD)
    used = []
    for day in ("2098-03-02", "2098-03-20"):
        whm.control("clock", {"now": f"{day}T00:00:00+00:00"})
        used.append(whm.call("showbw")["data"]["acct"][0]["totalbytes"])
    assert 0 < used[0] < used[1]
    assert int(whm.call("get_disk_usage")["data"]["accounts"][0]["blocks_used"]) <= 5120 * 1024
