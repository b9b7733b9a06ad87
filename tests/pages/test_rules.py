"""The editor of rules: every part typed, live, tried before it is saved; what acted stays."""

from datetime import time, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from billing.actions.account import open_account
from billing.actions.invoice import NewLine, write_invoice
from billing.models import Invoice, InvoiceLine
from billing.queries.books import verify
from clients.models import StaffRole
from hostbill.core import clock, rules
from hostbill.core.access import SYSTEM
from hostbill.core.models import Change, Rule, RuleRun
from tests.billing.factories import make_order
from tests.factories import make_staff
from tests.security.conftest import browser

pytestmark = pytest.mark.django_db

WHEN = {
    "days": "7",
    "side": "after",
    "trigger": "billing.invoice_due_on",
    "order": "100",
    "is_active": "on",
    "name": "Mine",
}
FEE = {"action": "billing.late_fee", "p-fixed": "5", "p-percent": "10", "p-due_days": "14", "p-tax_class": "zero"}


@pytest.fixture(autouse=True)
def no_other_rules(cast):
    """Only the rules of the test."""
    Rule.objects.all().delete()


def days_late(invoice, days, monkeypatch):
    """The clock stands so many days after the invoice's due date."""
    noon = clock.start_of(invoice.due_on + timedelta(days=days), time(12))
    monkeypatch.setattr(clock, "now", lambda: noon)


@pytest.fixture
def overdue(cast, monkeypatch):
    """An invoice of Alice's that is ten days late."""
    invoice = make_order(cast.alice_client).invoice
    days_late(invoice, 10, monkeypatch)
    return Invoice.objects.get(pk=invoice.pk)


def send(person, data, route="rule_create", args=()):
    """Post the editor."""
    return browser(person).post(reverse(route, args=args), data)


def test_a_rule_is_made_with_typed_conditions(cast, overdue):
    more = {
        "c0-field": "billing.open",
        "c0-relation": "at_least",
        "c0-value": "1.234,50",
        "c2-field": "billing.currency",
    }
    more |= {"c2-relation": "is", "c2-value": "EUR", "verb": "save"}
    answer = send(cast.stella, WHEN | FEE | more)
    rule = Rule.objects.get(name="Mine")
    assert answer.url == reverse("rule_edit", args=[rule.pk])
    assert rule.conditions == [
        {"field": "billing.open", "relation": "at_least", "value": "1234.50"},
        {"field": "billing.currency", "relation": "is", "value": "EUR"},
    ]
    assert rule.params == {"fixed": "5", "percent": "10", "yearly": None, "due_days": 14, "tax_class": "zero"}
    assert Change.objects.filter(action="core.rule_created", object_id=rule.pk, actor_id=cast.stella.pk).exists()
    assert list(rules.candidates(rule)) == []
    rules.change_rule(rule, actor=SYSTEM, conditions=rule.conditions[1:])
    assert [pk for pk, _on in rules.candidates(Rule.objects.get())] == [overdue.pk]


def test_trying_stores_nothing_and_names_what_it_would_act_on(cast, overdue):
    page = send(cast.stella, WHEN | FEE | {"verb": "check"}).content.decode()
    assert "It would act on this 1 now." in page and overdue.get_absolute_url() in page
    assert "7 days after an unpaid invoice" in page and "charge a late fee of 5 + 10 %" in page
    assert not Rule.objects.exists()
    later = send(cast.stella, WHEN | FEE | {"verb": "check", "days": "30"}).content.decode()
    assert overdue.get_absolute_url() not in later


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(cast):
    bad = {
        "days": "",
        "p-fixed": "",
        "p-percent": "",
        "c0-field": "billing.open",
        "c0-relation": "less",
        "c0-value": "much",
    }
    answer = send(cast.stella, WHEN | FEE | bad | {"verb": "save"})
    page = answer.content.decode()
    assert answer.status_code == 422 and not Rule.objects.exists()
    assert "Enter how many days." in page and "Enter a number, such as 50." in page and 'value="much"' in page
    answer = send(cast.stella, WHEN | FEE | {"p-fixed": "", "p-percent": "", "verb": "save"})
    assert answer.status_code == 422 and "Enter an amount, a percentage, or both." in answer.content.decode()


def test_while_somebody_types_nothing_is_called_wrong(cast):
    page = send(cast.stella, WHEN | FEE | {"days": "", "verb": "check"}).content.decode()
    assert "field-error" not in page and "error-summary" not in page


def test_each_choice_offers_only_what_fits_it(cast):
    page = send(
        cast.stella, {"trigger": "support.answered", "side": "after", "days": "5", "verb": "check"}
    ).content.decode()
    assert "support.close_quiet_ticket" in page and "billing.suspend" not in page
    assert "support.priority" in page and "billing.open" not in page
    answer = send(cast.stella, WHEN | {"trigger": "support.answered", "action": "billing.suspend", "verb": "save"})
    assert answer.status_code == 422 and not Rule.objects.exists()


def test_a_rule_that_acted_keeps_its_date_and_is_not_deleted(cast, overdue):
    rule = rules.create_rule(
        name="R", trigger="billing.invoice_due_on", offset_days=7, action="billing.suspend", actor=SYSTEM
    )
    page = browser(cast.stella).get(reverse("rule_edit", args=[rule.pk])).content.decode()
    assert reverse("rule_delete", args=[rule.pk]) in page
    RuleRun.objects.create(rule=rule, object_id=overdue.pk, anchor_on=overdue.due_on)
    page = browser(cast.stella).get(reverse("rule_edit", args=[rule.pk])).content.decode()
    assert reverse("rule_delete", args=[rule.pk]) not in page and "For another date, copy the rule." in page
    assert send(cast.stella, {}, "rule_delete", [rule.pk]).status_code == 422
    data = WHEN | {"action": "billing.terminate", "trigger": "support.answered", "days": "9", "verb": "save"}
    assert send(cast.stella, data, "rule_edit", [rule.pk]).status_code == 302
    rule.refresh_from_db()
    assert (rule.trigger, rule.offset_days, rule.action) == ("billing.invoice_due_on", 9, "billing.terminate")


def test_a_copy_is_off_and_what_never_acted_is_deleted(cast):
    rules.seed_defaults()
    seeded = Rule.objects.get(code="billing.suspend")
    send(cast.stella, {"name": "Twice"}, "rule_copy", [seeded.pk])
    copy = Rule.objects.get(name="Twice")
    assert not copy.is_active and copy.code is None and copy.action == seeded.action
    assert send(cast.stella, {}, "rule_delete", [copy.pk]).status_code == 302
    assert not Rule.objects.filter(pk=copy.pk).exists()
    assert Change.objects.filter(action="core.rule_deleted").exists()
    assert send(cast.stella, {}, "rule_delete", [seeded.pk]).status_code == 422
    assert Rule.objects.filter(pk=seeded.pk).exists()


def test_lookers_see_the_rule_and_can_change_nothing(cast):
    rules.seed_defaults()
    rule = Rule.objects.get(code="billing.suspend")
    StaffRole.objects.create(code="look", name="Look", permissions=["core.rule.view"])
    looker = make_staff("look")
    page = browser(looker).get(reverse("rule_edit", args=[rule.pk])).content.decode()
    assert "<fieldset" in page and " disabled>" in page and 'value="save"' not in page
    assert send(looker, WHEN | FEE | {"verb": "save"}, "rule_edit", [rule.pk]).status_code == 403
    for route, args in (("rule_create", ()), ("rule_copy", [rule.pk]), ("rule_delete", [rule.pk])):
        assert browser(looker).get(reverse(route, args=args)).status_code == 403
    rule.refresh_from_db()
    assert rule.name != "Mine"


def test_a_late_fee_is_an_invoice_of_its_own_once_and_bears_no_fee(cast, overdue, monkeypatch):
    rules.create_rule(
        name="Fee",
        trigger="billing.invoice_due_on",
        offset_days=7,
        action="billing.late_fee",
        params={"fixed": "5", "percent": "10", "due_days": 0, "tax_class": "zero"},
        actor=SYSTEM,
    )
    report = Report()
    rules.run_rules(clock.now(), report)
    rules.run_rules(clock.now(), report)
    line = InvoiceLine.objects.get(kind="late_fee")
    assert line.net_amount == (Decimal(5) + overdue.open_amount / 10).quantize(Decimal("0.01"))
    assert line.invoice.state == "issued" and overdue.number in line.description
    days_late(line.invoice, 9, monkeypatch)
    rules.run_rules(clock.now(), report)
    assert InvoiceLine.objects.filter(kind="late_fee").count() == 1


@pytest.mark.parametrize(
    ("days", "yearly", "fixed", "amounts"),
    [
        (45, "10.40", "40.00", ["40.00", "12.82"]),
        (1, "10.40", "", ["0.28"]),
        (0, "10.40", "40.00", ["40.00"]),
        (365, "9.12", "", ["91.20"]),
    ],
)
def test_interest_is_by_the_day_on_a_line_of_its_own(cast, monkeypatch, days, yearly, fixed, amounts):
    """1,000.00 between companies, 45 days late at 10.40 % a year: 12.82, and 40.00."""
    alice = cast.alice_client
    late = write_invoice(open_account(alice), [NewLine("hosting", Decimal(1000))], due_on=clock.today(), actor=SYSTEM)
    other = write_invoice(open_account(cast.charlie_client), [NewLine("hosting", Decimal(1000))], due_on=clock.today(), actor=SYSTEM)
    type(alice).objects.filter(pk=alice.pk).update(company="Weaves Ltd")
    type(alice).objects.filter(pk=other.client_id).update(company="")
    rules.create_rule(
        name="Interest", trigger="billing.invoice_due_on", offset_days=days, action="billing.late_fee", actor=SYSTEM,
        conditions=[{"field": "billing.is_company", "relation": "yes", "value": ""}],
        params={"fixed": fixed, "percent": "", "yearly": yearly, "due_days": 14, "tax_class": "zero"},
    )  # fmt: skip
    days_late(late, days, monkeypatch)
    for _time in range(2):
        rules.run_rules(clock.now(), Report())
    lines = InvoiceLine.objects.filter(kind="late_fee").order_by("sort")
    assert [line.net_amount for line in lines] == [Decimal(amount) for amount in amounts]
    assert {line.invoice.client_id for line in lines} == {alice.pk} and verify() == []


class Report:
    """What the engine tells."""

    def __init__(self):
        self.counted = []

    def guard(self, obj):
        from contextlib import nullcontext

        return nullcontext()

    def count(self, name):
        self.counted.append(name)
