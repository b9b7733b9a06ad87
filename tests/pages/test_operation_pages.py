"""Settings, modules, jobs and queues, rules and activity: who may, what is refused, what changes."""

import re

import pytest
from django.urls import reverse

from billing.options import RENEWAL_DAYS_BEFORE
from hostbill.core import clock, outgoing, rules
from hostbill.core.access import SYSTEM
from hostbill.core.audit import audit
from hostbill.core.models import Change, Delivery, Event, JobRun, Lane, ModuleConfig, Outgoing, Rule
from tests.factories import make_staff

pytestmark = pytest.mark.django_db
PAGES = ["setting_list", "module_list", "job_list", "outgoing_list", "delivery_list", "rule_list", "activity_list"]


@pytest.fixture
def staff(client, cast):
    """Stella's browser."""
    client.force_login(cast.stella)
    return client


@pytest.mark.parametrize("name", PAGES)
def test_for_staff_with_the_right_only(name, client, cast):
    rules.seed_defaults()
    for user, status in ((cast.stella, 200), (cast.alice, 403), (make_staff("support-agent"), 403)):
        client.force_login(user)
        assert client.get(reverse(name)).status_code == status, user


def test_every_group_of_settings_opens(staff):
    places = staff.get(reverse("setting_list")).context["places"]
    assert len(places) > 3
    for _label, query, _current in places:
        assert staff.get(reverse("setting_list") + query).status_code == 200, query
    assert staff.get(reverse("setting_list"), {"group": "no-such"}).status_code == 404


def test_setting_is_checked_saved_and_remembered(staff):
    url = reverse("setting_list") + "?q=billing.renewal_days_before"
    bad = staff.post(url, {"billing__renewal_days_before": "400"})
    assert bad.status_code == 422 and "billing__renewal_days_before" in bad.context["form"].errors
    assert RENEWAL_DAYS_BEFORE.value == 14
    assert staff.post(url, {"billing__renewal_days_before": "20"}).status_code == 302
    assert RENEWAL_DAYS_BEFORE.value == 20
    history = staff.get(reverse("setting_history", args=["billing.renewal_days_before"]))
    assert history.context["rows"][0][1:] == (14, 20)
    assert staff.get(reverse("setting_history", args=["no.such"])).status_code == 404


def module_values(**values):
    """A filled form of the Stripe driver."""
    return {"label": "Card", "is_active": "on", "config-publishable_key": "pk_test_1", "config-secret_key": "sk_test_1", **values}


def test_module_is_made_and_its_secret_stays_hidden(staff):
    url = reverse("module_create", args=["gateway", "stripe"])
    assert staff.get(url).status_code == 200
    assert staff.post(url, module_values(**{"config-secret_key": "pk_wrong"})).status_code == 422
    assert staff.post(url, module_values()).status_code == 302
    module = ModuleConfig.objects.get()
    assert module.secrets["secret_key"] == "sk_test_1" and "secret_key" not in module.config
    edit = reverse("module_edit", args=[module.pk])
    assert "sk_test_1" not in staff.get(edit).content.decode()
    assert staff.post(edit, module_values(label="Cards", **{"config-secret_key": ""})).status_code == 302
    module.refresh_from_db()
    assert module.label == "Cards" and module.secrets["secret_key"] == "sk_test_1"
    assert "sk_test_1" not in str(list(Change.objects.values()))
    assert staff.get(reverse("module_create", args=["gateway", "no-such"])).status_code == 404


def test_every_module_that_is_offered_can_be_added(staff):
    """Drivers that are chosen in the settings have no copies and are not offered."""
    offered = set(re.findall(r"/staff/modules/new/\w+/\w+/", staff.get(reverse("module_list")).content.decode()))
    assert len(offered) >= 4
    assert [url for url in offered if staff.get(url).status_code != 200] == []
    assert staff.get(reverse("module_create", args=["vat_checker", "vies"])).status_code == 404


def test_failed_objects_of_a_job_are_named(staff):
    failure = {"object": "billing.invoice", "id": 7, "label": "2027-0007", "error": "ValueError: odd"}
    JobRun.objects.create(
        name="core.prune", slot=clock.now(), state="done", counts={"failed": 1}, failures=[failure], started_at=clock.now()
    )
    assert "1 object failed" in staff.get(reverse("job_list")).content.decode()
    assert "ValueError: odd" in staff.get(reverse("job_detail", args=["core.prune"])).content.decode()
    assert staff.get(reverse("job_detail", args=["no.such"])).status_code == 404


def test_failed_call_and_dead_delivery_are_tried_again(staff):
    row = outgoing.queue("core.message", 1, key="k", lane="panel:1")
    Outgoing.objects.filter(pk=row.pk).update(state="failed", error="refused")
    delivery = Delivery.objects.create(event=Event.objects.create(name="a.b", payload={}), handler="x.y", state="dead")
    staff.post(reverse("outgoing_list"), {"bulk": "retry", "ids": [row.pk]})
    staff.post(reverse("delivery_list"), {"bulk": "retry", "ids": [delivery.pk]})
    row.refresh_from_db()
    delivery.refresh_from_db()
    assert (row.state, delivery.state) == ("queued", "waiting")


def test_stopped_lane_is_reopened(staff):
    Lane.objects.create(name="panel:1", stopped=True, reason="Login refused")
    assert "Login refused" in staff.get(reverse("outgoing_list")).content.decode()
    staff.post(reverse("lane_reopen"), {"lane": "panel:1"})
    assert not Lane.objects.get().stopped


def test_rule_reads_as_a_sentence_and_is_switched(staff):
    rules.seed_defaults()
    rule = Rule.objects.get(code="billing.suspend")
    assert "14 days after an unpaid invoice" in staff.get(reverse("rule_list")).content.decode()
    staff.post(reverse("rule_switch", args=[rule.pk]), {"on": "0"})
    rule.refresh_from_db()
    assert not rule.is_active
    url = reverse("rule_edit", args=[rule.pk])
    shown = {"name": rule.name, "trigger": rule.trigger, "action": rule.action, "side": "after", "order": "50"}
    assert staff.post(url, shown | {"days": "4000", "verb": "save"}).status_code == 422
    tried = staff.post(url, shown | {"days": "3", "verb": "check"})
    rule.refresh_from_db()
    assert tried.status_code == 200 and rule.offset_days == 14
    staff.post(url, shown | {"days": "21", "is_active": "on", "verb": "save"})
    rule.refresh_from_db()
    assert rule.offset_days == 21 and rule.is_active


def test_activity_shows_before_and_after(staff):
    audit(SYSTEM, "billing.thing_changed", changes={"amount": ["1", "<b>2</b>"]}, reason="why")
    text = staff.get(reverse("activity_list")).content.decode()
    assert "Thing changed" in text and "&lt;b&gt;2&lt;/b&gt;" in text and "<b>2</b>" not in text


def test_a_setting_goes_back_to_its_default(staff):
    """From its history; recorded as any change."""
    url = reverse("setting_history", args=["billing.renewal_days_before"])
    assert "Back to the default" not in staff.get(url).content.decode()
    staff.post(reverse("setting_list") + "?q=billing.renewal_days_before", {"billing__renewal_days_before": "20"})
    assert "Back to the default" in staff.get(url).content.decode()
    staff.post(url)
    assert RENEWAL_DAYS_BEFORE.value == 14
    row = Change.objects.filter(action="core.option_changed").order_by("-pk").first()
    assert row.fields == {"billing.renewal_days_before": [20, 14]} and row.reason == "reset"
    staff.post(url)
    assert Change.objects.filter(action="core.option_changed").count() == 2


def test_a_queued_row_has_its_page(staff):
    """What was asked and answered, without what opens something; retried from there."""
    row = Outgoing.objects.create(
        kind="walk", key="1", object_id=7, state="failed", error="refused by the panel", payload={"plan": "start"},
        answer={"client_secret": "pi_1_secret_2", "rows": [{"password": "hunter2"}]},
    )  # fmt: skip
    page = staff.get(reverse("outgoing_detail", args=[row.pk])).content.decode()
    assert "refused by the panel" in page and "start" in page
    assert "pi_1_secret_2" not in page and "hunter2" not in page
    staff.post(reverse("outgoing_retry", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == "queued"
    assert Change.objects.filter(action="core.outgoing_retried").count() == 1


def test_a_dead_delivery_has_its_page(staff):
    """Why the handler did not take it, and another try."""
    event = Event.objects.create(name="billing.invoice_paid", payload={"invoice_id": 7})
    row = Delivery.objects.create(event=event, handler="walk", state="dead", error="LookupError: no handler")
    page = staff.get(reverse("delivery_detail", args=[row.pk])).content.decode()
    assert "LookupError" in page and "invoice_id" in page
    staff.post(reverse("delivery_retry", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == "waiting"


def test_secrets_of_gateways_stay_out_of_the_log():
    """Whatever the column is called."""
    audit(SYSTEM, "x.y", changes={"client_secret": ["", "pi_secret"], "api_token": ["", "t"], "state": ["a", "b"]})
    assert Change.objects.get(action="x.y").fields == {"state": ["a", "b"]}


def test_a_webhook_address_is_shown_where_the_gateway_needs_it(staff):
    """Stripe calls us; a bank does not."""
    card = ModuleConfig.objects.create(kind="gateway", driver="stripe", label="Card")
    bank = ModuleConfig.objects.create(kind="gateway", driver="bank_transfer", label="Bank")
    assert f"/hooks/gateway/{card.pk}/" in staff.get(reverse("module_edit", args=[card.pk])).content.decode()
    assert "/hooks/gateway/" not in staff.get(reverse("module_edit", args=[bank.pk])).content.decode()
