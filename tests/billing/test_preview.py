"""Looking ahead tells what really happens when the clock is moved afterwards, and leaves nothing behind."""

import json
from datetime import timedelta
from decimal import Decimal as D
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from billing.actions.preview import answer, ask, finish, look_ahead, looked_at, stop_preview
from billing.models import Invoice, Preview, PreviewItem, Subscription
from billing.queries.books import verify
from hostbill.core import clock, foresight
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Message, Outgoing, Rule, Sequence
from hostbill.core.rules import seed_defaults
from tests.billing.factories import active_subscription, make_product, make_tax_rate

pytestmark = pytest.mark.django_db
WEEKS = timedelta(days=42)


@pytest.fixture
def house(cast):
    """Two clients without cards: one with a monthly plan, one with two; the rules follow each other closely."""
    make_tax_rate()
    seed_defaults()
    for code, days in (("remind_after_1", 1), ("remind_after_2", 2), ("warn_of_suspension", 3), ("suspend", 4)):
        Rule.objects.filter(code=f"billing.{code}").update(offset_days=days)
    Rule.objects.filter(code="billing.terminate").update(offset_days=8)
    active_subscription(cast.charlie_client, make_product(name="Business"))
    active_subscription(cast.alice_client, make_product(name="Reseller", prices={"monthly": ("30.00", "0")}))
    active_subscription(cast.alice_client, make_product(name="Small", prices={"monthly": ("5.00", "0")}))
    return cast


def contents() -> dict:
    """Every row of every table, counted and summed up; sequences of ids are the one thing that moves."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model._meta.managed and not model._meta.proxy:
                table = model._meta.db_table
                cursor.execute(
                    f"SELECT count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{table}\" t"
                )  # noqa: S608
                found[table] = cursor.fetchone()
    return found


def test_nothing_remains_and_nothing_leaves(house, django_capture_on_commit_callbacks):
    before, sequences = contents(), list(Sequence.objects.values_list("name", "last"))
    with django_capture_on_commit_callbacks() as callbacks:
        found = look_ahead(looked_at(), clock.today() + WEEKS)
    assert {row.kind for row in found} >= {"invoice", "notice", "suspension", "end"}
    assert contents() == before and callbacks == []
    assert list(Sequence.objects.values_list("name", "last")) == sequences
    assert foresight.current() is None and abs(clock.now() - clock.real_now()) < timedelta(seconds=5)
    assert verify() == []


def real(since) -> set:
    """What really happened."""
    found = {
        ("invoice", row.issued_on, row.client_id, row.total_amount)
        for row in Invoice.objects.filter(pk__gt=since["invoice"])
    }
    zone = clock.seller_zone()
    mails = Message.objects.filter(pk__gt=since["mail"], client_id__isnull=False)
    found |= {("notice", mail.created_at.astimezone(zone).date(), mail.client_id, mail.kind) for mail in mails}
    for row in Subscription.objects.all():
        found |= {
            ("suspension", s.started_at.astimezone(zone).date(), row.client_id, row.pk) for s in row.suspensions.all()
        }
        if row.ended_on:
            found.add(("end", row.ended_on, row.client_id, row.pk))
    return found


def foreseen(rows) -> set:
    found = set()
    for row in rows:
        if row.kind == "invoice":
            found.add(("invoice", row.on, row.client_id, row.amount))
        elif row.kind == "notice":
            found.add(("notice", row.on, row.client_id, row.key.split()[1]))
        elif row.kind in ("suspension", "end"):
            found.add((row.kind, row.on, row.client_id, int(row.key.split()[1])))
    return found


def test_it_is_what_happens_when_the_clock_moves(house, move_clock, drain):
    """75 days: renewals, reminders, suspensions, ends."""
    drain()
    since = {"invoice": Invoice.objects.latest("pk").pk, "mail": Message.objects.latest("pk").pk}
    until = clock.today() + WEEKS
    found = look_ahead(looked_at(), until)
    move_clock(clock.start_of(until + timedelta(days=1)) - timedelta(seconds=5))
    assert foreseen(found) == real(since)
    assert {row.kind for row in found} >= {"invoice", "notice", "suspension", "end"} and verify() == []


def test_one_client_is_only_that_client(house):
    found = look_ahead(looked_at(house.charlie_client), clock.today() + WEEKS)
    assert {row.client_id for row in found} == {house.charlie_client.pk}
    together = look_ahead(looked_at(), clock.today() + WEEKS)
    assert foreseen(found) == {row for row in foreseen(together) if row[2] == house.charlie_client.pk}


def run(until, changes, **more):
    preview = ask(until=until, changes=changes, actor=SYSTEM, **more)
    answer(preview)
    finish(preview)
    preview.refresh_from_db()
    return preview


def test_what_a_price_would_change(house):
    product = Subscription.objects.get(product__name="Business").product
    preview = run(clock.today() + timedelta(days=40), {"prices": {str(product.pk): "+10"}})
    item = preview.items.get(difference="changed", kind="invoice")
    assert (item.before_amount, item.amount) == (D("11.90"), D("13.09"))
    assert preview.summary["invoice changed"] == {"count": "1", "EUR": "1.1900"} and preview.state == "done"
    assert not preview.items.exclude(kind="invoice").exclude(kind="notice").exists()
    assert set(Subscription.objects.values_list("price_amount", flat=True)) == {D("10.0000"), D("30.0000"), D("5.0000")}


def test_what_a_rule_or_a_setting_would_change(house):
    rule = Rule.objects.get(code="billing.suspend")
    preview = run(clock.today() + WEEKS, {"rules": {str(rule.pk): None}})
    assert preview.items.filter(kind="suspension", difference="removed").count() == 3
    assert not preview.items.filter(difference="added", kind="suspension").exists()
    earlier = run(clock.today() + timedelta(days=10), {"options": {"billing.renewal_days_before": "30"}})
    assert earlier.items.filter(kind="invoice", difference="added").count() == 2  # Alice's two plans are on one
    rule.refresh_from_db()
    assert rule.is_active


def test_cards_pay_or_are_refused(shop, drain):
    seed_defaults()
    shop.save_card("pm_card_visa")
    active_subscription(shop.client)
    until = clock.today() + timedelta(days=60)
    paying = look_ahead(looked_at(), until)
    assert [row.kind for row in paying].count("charge") >= 1 and "suspension" not in {row.kind for row in paying}
    refused = look_ahead(looked_at(), until, cards="refused")
    assert [row.kind for row in refused].count("charge") == 4 and "suspension" in {row.kind for row in refused}
    assert not Outgoing.objects.filter(kind="billing.charge").exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"options": {"company.name": "x"}}, "unknown_option"),
        ({"options": {"billing.nothing": "x"}}, "unknown_option"),
        ({"options": {"billing.renewal_days_before": "many"}}, "wrong_value"),
        ({"rules": {"999999": 3}}, "unknown_rule"),
        ({"prices": {"999999": "10"}}, "unknown_product"),
    ],
)
def test_what_cannot_be_asked(house, changes, code):
    with pytest.raises(AppError) as error:
        ask(until=clock.today(), changes=changes, actor=SYSTEM)
    assert error.value.code == code and not Preview.objects.exists()


@pytest.mark.parametrize(("days", "code"), [(-1, "past"), (4000, "too_far")])
def test_days_out_of_reach(house, days, code):
    with pytest.raises(AppError) as error:
        ask(until=clock.today() + timedelta(days=days), actor=SYSTEM)
    assert error.value.code == code


def test_the_worker_answers_and_somebody_may_stop_it(house, drain):
    preview = ask(until=clock.today() + timedelta(days=20), actor=SYSTEM)
    drain()
    preview.refresh_from_db()
    assert preview.state == "done" and preview.done == preview.total == 2 and preview.items.exists()
    with pytest.raises(AppError):
        stop_preview(preview, actor=SYSTEM)
    other = ask(until=clock.today() + timedelta(days=20), actor=SYSTEM)
    stop_preview(other, actor=SYSTEM)
    drain()
    other.refresh_from_db()
    assert other.state == "stopped" and not PreviewItem.objects.filter(preview=other).exists()


def test_the_command(house):
    out = StringIO()
    until = (clock.today() + timedelta(days=40)).isoformat()
    call_command("preview", "--until", until, "--client", str(house.charlie_client.pk), stdout=out)
    assert "invoice: 1 (11.9000 EUR)" in out.getvalue()
    out = StringIO()
    product = Subscription.objects.first().product_id
    call_command("preview", "--until", until, "--price", f"{product}=+10", "--json", "--summary", stdout=out)
    assert json.loads(out.getvalue())["invoice changed"]["count"] == "1"
    for wrong in (["--until", "soon"], ["--until", until, "--client", "99999"], ["--until", until, "--rule", "1"],
                  ["--until", until, "--rule", "1=x"], ["--until", "2001-01-01"]):  # fmt: skip
        with pytest.raises(CommandError):
            call_command("preview", *wrong)
    assert not Preview.objects.exists()
