"""Every panel driver does the same for the same calls, whatever its panel is like."""

import inspect
import json
from datetime import timedelta

import pytest
import requests

from hostbill.core import clock, http
from hostbill.core.errors import DriverError, OutcomeUnknown
from provisioning.panels.base import AccountRef, Panel
from tests.contracts.panel_cases import PASSWORD, account

PANEL_METHODS = [name for name, _ in inspect.getmembers(Panel, inspect.isfunction) if not name.startswith("_")]


def refused(code, permanent=None):
    """pytest.raises for a DriverError with the code; check afterwards with .value."""

    class _Check:
        def __enter__(self):
            self.catch = pytest.raises(DriverError)
            self.caught = self.catch.__enter__()
            return self

        def __exit__(self, *exc):
            swallowed = self.catch.__exit__(*exc)
            assert self.caught.value.code == code, self.caught.value
            if permanent is not None:
                assert self.caught.value.permanent is permanent
            return swallowed

    return _Check()


def test_every_method_is_there(case):
    """A driver that forgot a method would fail at a customer's click."""
    missing = {name for name in PANEL_METHODS if getattr(type(case.panel()), name) is getattr(Panel, name)}
    assert missing <= {"set_limits"}, "only limits beside the plan are refused by the base class, for panels without"


def test_connection_test_tells_version_and_counts(case):
    panel = case.panel()
    before = panel.test()
    panel.create(account())
    after = panel.test()
    assert before.version
    assert before.missing_rights == []
    assert before.max_accounts is None
    assert (before.account_count, after.account_count) == (0, 1)


def test_create_makes_exactly_what_was_asked(case):
    panel, wanted = case.panel(), account()
    made = panel.create(wanted)
    found = panel.look_up(wanted.ref)
    assert (made.username, made.domain, made.plan, made.suspended) == ("alice7k2", "alice.example.com", "start", False)
    assert (found.username, found.domain, found.plan, found.suspended) == (
        "alice7k2",
        "alice.example.com",
        "start",
        False,
    )
    assert found.remote_id == made.remote_id
    assert case.control("check_password", {"user": "alice7k2", "password": PASSWORD})["ok"]
    assert case.site_status("alice.example.com") == 200


def test_look_up_of_nothing_is_none(case):
    assert case.panel().look_up(account().ref) is None


def test_look_up_does_not_take_a_namesake(case):
    panel = case.panel()
    panel.create(account())
    assert panel.look_up(account(domain="other.example.com").ref) is None


def test_suspend_and_resume(case):
    panel, wanted = case.panel(), account()
    panel.create(wanted)
    panel.suspend(wanted.ref, "Invoice 17 is unpaid")
    found = panel.look_up(wanted.ref)
    assert (found.suspended, found.suspended_by_us, found.suspend_reason) == (True, True, "Invoice 17 is unpaid")
    assert case.site_status(wanted.domain) == 503
    panel.resume(wanted.ref)
    assert panel.look_up(wanted.ref).suspended is False
    assert case.site_status(wanted.domain) == 200


def test_already_suspended_and_already_active_are_fine(case):
    panel, wanted = case.panel(), account()
    panel.create(wanted)
    panel.resume(wanted.ref)
    panel.suspend(wanted.ref, "unpaid")
    panel.suspend(wanted.ref, "unpaid again")
    assert panel.look_up(wanted.ref).suspend_reason == "unpaid"
    panel.resume(wanted.ref)
    panel.resume(wanted.ref)
    assert panel.look_up(wanted.ref).suspended is False


def test_payment_does_not_lift_a_suspension_for_abuse(case):
    panel, wanted = case.panel(), account()
    panel.create(wanted)
    case.abuse_suspend(wanted)
    panel.suspend(wanted.ref, "unpaid")
    with refused("suspended_elsewhere", permanent=True):
        panel.resume(wanted.ref)
    assert panel.look_up(wanted.ref).suspended_by_us is False
    assert case.site_status(wanted.domain) == 503
    panel.resume(wanted.ref, force=True)
    assert case.site_status(wanted.domain) == 200


def test_suspending_one_leaves_the_others(case):
    panel, one, two = case.panel(), account(), account("bobby4m9", "bob.example.com")
    panel.create(one)
    panel.create(two)
    panel.suspend(one.ref, "unpaid")
    assert panel.look_up(two.ref).suspended is False


def test_terminate_twice(case):
    panel, wanted = case.panel(), account()
    panel.create(wanted)
    panel.terminate(wanted.ref)
    panel.terminate(wanted.ref)
    assert panel.look_up(wanted.ref) is None
    assert case.accounts() == []
    assert case.control("state").get("customers", {}) == {}


def test_terminate_never_hits_another_domain(case):
    panel, wanted = case.panel(), account()
    panel.create(wanted)
    wrong = AccountRef(wanted.username, "somebody-else.example.com", external_id=wanted.external_id)
    with refused("domain_mismatch", permanent=True):
        panel.terminate(wrong)
    assert case.accounts() == ["alice.example.com"]


def test_change_plan(case):
    panel, wanted = case.panel(), account()
    panel.create(wanted)
    panel.change_plan(wanted.ref, "grow")
    panel.change_plan(wanted.ref, "grow")
    assert panel.look_up(wanted.ref).plan == "grow"
    with refused("plan_missing", permanent=True):
        panel.change_plan(wanted.ref, "nosuchplan")
    assert panel.look_up(wanted.ref).plan == "grow"


def test_limits_beside_the_plan(case):
    """A panel that takes them shows them; one that cannot says so, for staff to do it."""
    panel, wanted = case.panel(), account()
    panel.create(wanted)
    plans_own = panel.usage([wanted.ref])[wanted.username].disk_limit
    if case.driver != "cpanel":
        with refused("refused", permanent=True):
            panel.set_limits(wanted.ref, {"disk_mb": 7})
        return
    panel.set_limits(wanted.ref, {"disk_mb": 7, "bandwidth_mb": 9})
    usage = panel.usage([wanted.ref])[wanted.username]
    assert (usage.disk_limit, usage.bandwidth_limit) == (7 * 1024**2, 9 * 1024**2)
    panel.set_limits(wanted.ref, {})
    assert panel.usage([wanted.ref])[wanted.username].disk_limit == plans_own


def test_set_password(case):
    panel, wanted, new = case.panel(), account(), "N3w&<Pass\"'word!"
    panel.create(wanted)
    panel.set_password(wanted.ref, new)
    assert case.control("check_password", {"user": wanted.username, "password": new})["ok"]
    with refused("weak_password", permanent=True):
        panel.set_password(wanted.ref, "aaa")


def test_usage_in_bytes_with_limits(case):
    panel, one, two = case.panel(), account(), account("bobby4m9", "bob.example.com", plan="default")
    panel.create(one)
    panel.create(two)
    case.control("clock", {"now": (clock.real_now() + timedelta(days=3)).isoformat()})
    found = panel.usage()
    assert set(found) == {"alice7k2", "bobby4m9"}
    assert found["alice7k2"].disk_limit == 5 * 1024**3
    assert found["alice7k2"].bandwidth_limit == 50 * 1024**3
    assert 0 < found["alice7k2"].disk_used <= found["alice7k2"].disk_limit
    assert (found["bobby4m9"].disk_limit, found["bobby4m9"].bandwidth_limit) == (None, None)
    assert set(panel.usage([two.ref])) == {"bobby4m9"}


def test_login_link_opens_the_panel(case):
    panel, wanted = case.panel(), account()
    panel.create(wanted)
    with http.record() as exchanges:
        url = panel.login_link(wanted.ref, "panel", "127.0.0.1")
    page = requests.get(url, timeout=5)
    assert page.status_code == 200
    assert "alice.example.com" in page.text
    session = url.rsplit("=", 1)[1]
    assert session not in json.dumps(exchanges)
    with refused("missing"):
        panel.login_link(account("nobody77", "none.example.com").ref)


def test_lists(case):
    panel = case.panel()
    panel.create(account())
    panel.create(account("bobby4m9", "bob.example.com", plan="grow"))
    listed = {row.username: (row.domain, row.plan, row.suspended) for row in panel.list_accounts()}
    assert listed == {"alice7k2": ("alice.example.com", "start", False), "bobby4m9": ("bob.example.com", "grow", False)}
    assert {"start", "grow", "scale", "default"} <= set(panel.list_plans())


def test_check_username(case):
    panel = case.panel()
    assert panel.check_username("alice7k2") is True
    panel.create(account())
    assert panel.check_username("alice7k2") is False


# Refusals


def test_username_of_another_domain_is_taken(case):
    panel = case.panel()
    panel.create(account(created_after=clock.real_now()))
    other = account(domain="other.example.com", created_after=clock.real_now())
    with refused("username_taken", permanent=True):
        panel.create(other)
    assert case.accounts() == ["alice.example.com"]


def test_domain_of_somebody_else_is_taken(case):
    """And what was made on the way (Plesk's customer) is gone again."""
    panel = case.panel()
    panel.create(account())
    with refused("domain_taken", permanent=True):
        panel.create(account("charlie3", created_after=clock.real_now()))
    assert len(case.control("state").get("customers", {})) in (0, 1)
    assert panel.look_up(account().ref) is not None


def test_missing_plan_makes_nothing(case):
    with refused("plan_missing", permanent=True):
        case.panel().create(account(plan="nosuchplan"))
    assert case.accounts() == []
    assert case.control("state").get("customers", {}) == {}


def test_full_licence(case):
    panel = case.panel()
    case.control("settings", {"max_accounts": 1, "lim_dom": 1})
    panel.create(account())
    with refused("server_full", permanent=True):
        panel.create(account("bobby4m9", "bob.example.com"))
    assert panel.test().max_accounts == 1
    assert len(case.control("state").get("customers", {"one": 1})) == 1


def test_empty_domain_never_reaches_the_panel(case):
    with refused("invalid", permanent=True):
        case.panel().create(account(domain=""))
    assert case.calls(case.create) == []


@pytest.mark.parametrize("wrong", ["token", "secret_key"])
def test_refused_credentials_stop_the_lane(case, wrong):
    if wrong not in case.values():
        wrong = "token" if "token" in case.values() else "secret_key"
    panel = case.panel(**{wrong: "wrong-wrong-wrong"})
    with refused("auth", permanent=False) as check:
        panel.create(account())
    assert check.caught.value.stop_lane
    assert case.accounts() == []


def test_work_on_a_missing_account_is_refused(case):
    panel = case.panel()
    for work in (
        lambda: panel.suspend(account().ref, "x"),
        lambda: panel.resume(account().ref),
        lambda: panel.change_plan(account().ref, "grow"),
    ):
        with refused("missing", permanent=True):
            work()


# Faults


@pytest.mark.parametrize("kind", ["drop_after", "500_after", "html", "truncate", "empty"])
def test_lost_answer_of_create_is_unknown_and_then_found(case, kind):
    """The account exists, nobody heard it: unknown, found by looking, and adopted by a second create."""
    panel, wanted = case.panel(), account(created_after=clock.real_now())
    case.fault(case.create, kind)
    with pytest.raises(OutcomeUnknown):
        panel.create(wanted)
    assert panel.look_up(wanted.ref).domain == wanted.domain
    assert panel.create(wanted).domain == wanted.domain
    assert case.accounts() == ["alice.example.com"]
    assert case.control("check_password", {"user": wanted.username, "password": PASSWORD})["ok"]


@pytest.mark.parametrize("kind", ["drop_before", "500", "503", "html_before", "refuse"])
def test_create_that_never_happened_is_unknown_and_then_made(case, kind):
    panel, wanted = case.panel(), account(created_after=clock.real_now())
    case.fault(case.create, kind)
    with pytest.raises(OutcomeUnknown):
        panel.create(wanted)
    assert panel.look_up(wanted.ref) is None
    panel.create(wanted)
    assert case.accounts() == ["alice.example.com"]
    assert len(case.control("state").get("customers", {"one": 1})) == 1


def test_old_account_of_the_same_name_is_not_adopted(case):
    """An account made before our first attempt, under other ownership, is somebody's: a person must look."""
    panel = case.panel()
    panel.create(account(external_id=""))
    late = clock.real_now() + timedelta(hours=1)
    with pytest.raises(DriverError) as caught:
        panel.create(account(external_id="", created_after=late))
    assert caught.value.code in ("username_taken", "domain_taken")
    assert caught.value.permanent


@pytest.mark.parametrize("kind", ["drop_after", "html", "500_after"])
def test_lost_answer_of_suspend_and_terminate(case, kind):
    panel, wanted = case.panel(), account()
    panel.create(wanted)
    case.fault(case.suspend, kind)
    with pytest.raises(OutcomeUnknown):
        panel.suspend(wanted.ref, "unpaid")
    panel.suspend(wanted.ref, "unpaid")
    assert panel.look_up(wanted.ref).suspended_by_us
    case.fault(case.terminate, kind)
    with pytest.raises(OutcomeUnknown):
        panel.terminate(wanted.ref)
    panel.terminate(wanted.ref)
    assert case.accounts() == []


@pytest.mark.parametrize("kind", ["drop_after", "500", "html", "truncate", "empty"])
def test_spoilt_reading_may_be_retried(case, kind):
    panel = case.panel()
    panel.create(account())
    case.fault(case.read, kind)
    with pytest.raises(DriverError) as caught:
        panel.look_up(account().ref)
    assert caught.value.permanent is False
    assert caught.value.stop_lane is False
    assert panel.look_up(account().ref) is not None


def test_nobody_listening_is_never_unknown(case):
    with refused("unreachable", permanent=False):
        case.panel(port=9).create(account())


def test_secrets_are_hidden_in_the_record(case):
    panel = case.panel()
    with http.record() as exchanges:
        panel.create(account())
        panel.set_password(account().ref, "N3w&<Pass\"'word!")
        panel.test()
    text = json.dumps(exchanges) + repr(exchanges)
    hidden = [PASSWORD, "N3w&<Pass", "N3w&amp;&lt;Pass", "Tr7&amp;&lt;kZ", "Tr7&<kZ"]
    hidden += [getattr(case.server, name) for name in ("token", "secret_key", "password") if hasattr(case.server, name)]
    assert exchanges
    assert [secret for secret in hidden if secret in text] == []


def test_configuration_form(case):
    """The form takes what the driver is built from, and asks for what a certificate check needs."""
    form = type(case.panel()).Config
    assert form(case.values()).is_valid(), form(case.values()).errors
    assert "fingerprint" in form(case.values(tls_check="fingerprint")).errors
    assert "ca_certificate" in form(case.values(tls_check="ca")).errors
    assert "hostname" in form(case.values(hostname="https://x/y")).errors
    assert set(type(case.panel()).secret_fields) <= set(form().fields)
