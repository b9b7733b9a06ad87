"""The staff home page: each figure leads to exactly its rows, each person arranges it, and it costs the same for many rows."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.cache import cache
from django.urls import reverse

from billing.actions.order import accept_order
from billing.models import Invoice, Payment
from billing.options import ORDER_DUE_DAYS
from clients.queries.actor import actor_of
from hostbill.core import clock, counting, jobs, nudge, preferences, rules
from hostbill.core.models import JobRun, RuleRun
from hostbill.core.tasks import count_figure
from hostbill.pages import home_cards
from hostbill.pages.home_cards import CARDS, PREFERENCE, arrangement
from hostbill.pages.job_words import late_jobs
from hostbill.pages.money_overview import customers, overdue, received, risks
from hostbill.pages.tonight import acts
from hostbill.pages.waiting import everything, groups, kinds
from support.actions.ticket import open_ticket
from support.models import Department, Ticket
from tests.billing.factories import active_subscription, make_order, make_product, make_tax_rate, pay
from tests.factories import make_staff
from tests.provisioning.factories import make_group, make_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client, cast):
    """Stella's browser."""
    client.force_login(cast.stella)
    return client


@pytest.fixture
def order_due(monkeypatch):
    """An unpaid order whose invoice was due so many days ago."""

    def make(client, days):
        then = clock.now() - timedelta(days=days + ORDER_DUE_DAYS.value)
        with monkeypatch.context() as patch:
            patch.setattr(clock, "now", lambda: then)
            return make_order(client, make_product(name=f"Plan {days}"))

    return make


@pytest.fixture
def business(cast, order_due):
    """Money that came, money that is late at the ends of the ages, a question."""
    make_tax_rate()
    rules.seed_defaults()
    for days in (0, 1, 8, 14, 90):
        order_due(cast.alice_client, days)
    pay(make_order(cast.charlie_client, make_product(name="Paid")).invoice)
    active_subscription(cast.charlie_client, make_product(name="Runs"))
    department = Department.objects.get_or_create(name="Support")[0]
    open_ticket(
        actor=cast.alice_actor, client=cast.alice_client, department=department, subject="Is it down?", body="Hello"
    )
    return cast


def rows_of(staff, url) -> int:
    """How many rows the list behind a figure has."""
    answer = staff.get(url)
    assert answer.status_code == 200, url
    return answer.context["page"].total


def test_each_figure_leads_to_exactly_its_rows(staff, business):
    """Overdue by age, money received, what is expected, risks, customers: count behind the link is the figure."""
    late = overdue()
    assert [age.count for age in late["ages"]] == [1, 2, 0, 0, 1]
    for age in late["ages"]:
        assert rows_of(staff, age.url) == age.count
    assert rows_of(staff, late["url"]) == late["count"] == 4
    money = received()
    assert rows_of(staff, money.figures[0].url) == Payment.objects.count() == 2
    assert rows_of(staff, money.figures[1].url) == 2
    for figure in money.expected:
        assert rows_of(staff, figure.url) == int(re.match(r"\d+", figure.label).group())
    for risk in risks():
        assert rows_of(staff, risk.url) == risk.count
    for figure in customers()["figures"][:2]:
        assert rows_of(staff, figure.url) == figure.value


def test_forecast_is_what_came_and_what_is_due(staff, business, monkeypatch):
    """On the tenth: money of the month, and invoices that fall due until its end."""
    tenth = clock.start_of(clock.today().replace(day=10)) + timedelta(hours=12)
    monkeypatch.setattr(clock, "now", lambda: tenth)
    coming = Invoice.objects.unpaid().filter(
        due_on__gt=tenth.date(), due_on__month=tenth.month, due_on__year=tenth.year
    )
    make_order(business.alice_client, make_product(name="Due in a week"))
    money = received()
    month, forecast = money.figures[1].value, money.figures[2].value
    open_sum = sum(invoice.open_amount for invoice in coming)
    assert open_sum > 0 and money.expected[0].value.amount == open_sum
    assert forecast.amount == month.amount + open_sum + money.expected[1].value.amount
    assert money.forecast_from == 10 and sum(value for _day, value in money.days) == forecast.amount


def test_every_group_leads_to_all_of_its_things(staff, business):
    """The page behind "All 3" has what was counted, and the oldest age is the longest wait."""
    for group in groups(business.stella_actor):
        assert len(everything(business.stella_actor, group.key)) == group.count
        assert staff.get(group.url).status_code == 200
        assert group.oldest == min(thing.since for thing in everything(business.stella_actor, group.key) if thing.since)
    assert set(kinds()) >= {"services", "tickets", "orders", "money", "mails", "machinery", "differences"}
    assert staff.get(reverse("waiting_list", args=["nonsense"])).status_code == 404


def test_a_server_that_does_not_answer_heads_the_queue(staff, business, sandbox):
    """It leads to the server; somebody who may not see servers is not told of it."""
    server = make_server(sandbox, make_group())
    server.record_problem("The panel did not answer within 10 seconds.")
    server.save()
    first = groups(business.stella_actor)[0]
    assert first.key == "services" and first.things[0].url == server.get_absolute_url()
    assert first.things[0].title == f"{server.name}: Does not answer well"
    role = make_staff("support-agent").roles.get()
    role.permissions = ["provisioning.service.view"]
    role.save()
    assert everything(actor_of(role.users.get()), "services") == []


def test_ones_own_act_shows_at_once(staff, business):
    """Cards are kept for half a minute, but not beyond what their reader did."""
    order = make_order(business.alice_client, make_product(setup_on="staff"))
    pay(order.invoice)
    assert order.number in staff.get("/staff/").content.decode()
    accept_order(order, actor=business.stella_actor)
    assert order.number not in staff.get("/staff/").content.decode()


def test_each_person_arranges_their_own(staff, business, client):
    """Hidden and moved for Stella; others keep the house's order; the reset brings it back."""
    url = reverse("home_arrange")
    assert staff.get(url).status_code == 200
    staff.post(url, {"move": "money:hide"})
    staff.post(url, {"move": "servers:up"})
    page = staff.get("/staff/").content.decode()
    assert "Money received" not in page and page.index(">Servers<") < page.index(">Waiting for a person<")
    other = make_staff("billing-clerk")
    client.force_login(other)
    assert "Money received" in client.get("/staff/").content.decode()
    client.force_login(business.stella)
    for nonsense in ("queue:up:up", "nobody:hide", "queue:explode", ""):
        client.post(url, {"move": nonsense})
    assert [card.key for card, _shown in arrangement(business.stella_actor)][0] == "servers"
    client.post(url, {"reset": "1"})
    assert [card.key for card, shown in arrangement(business.stella_actor) if shown] == [card.key for card in CARDS]


def test_arranging_gives_no_rights(client, cast):
    """A card that a person may not have is not drawn, whatever is stored."""
    agent = make_staff("support-agent")
    agent.roles.get().__class__.objects.filter(code="support-agent").update(permissions=["support.ticket.view"])
    client.force_login(agent)
    preferences.store(type("A", (), {"user_id": agent.pk}), PREFERENCE, {"order": ["money", "overdue"], "hidden": []})
    page = client.get("/staff/").content.decode()
    assert "Money received" not in page and "Overdue" not in page
    client.post(reverse("home_arrange"), {"move": "queue:hide"})
    assert "You have hidden every card" in client.get("/staff/").content.decode()


@pytest.mark.parametrize("size", [1, 6])
def test_it_costs_the_same_for_many_rows(staff, business, size, django_assert_max_num_queries):
    """Cold: bounded; warm: the frame and three queries of its own."""
    for number in range(size):
        make_order(business.alice_client, make_product(name=f"More {number}"))
    staff.get("/staff/")
    cache.clear()
    with django_assert_max_num_queries(104):
        staff.get("/staff/")
    with django_assert_max_num_queries(16):
        staff.get("/staff/")


def test_tonight_is_told_and_not_done(staff, business, order_due):
    """The suspension of a long unpaid invoice is announced with its object; looking does nothing."""
    late = order_due(business.alice_client, 14).invoice
    rule_acts = {act.words: act.count for act in acts() if act.rule_id}
    assert rule_acts["Suspend 14 days after the due date"] >= 1
    page = unescape(staff.get(reverse("rule_tonight")).content.decode())
    assert late.number in page and "Suspend 14 days after the due date" in page
    assert not RuleRun.objects.exists()


def test_late_jobs_are_named(staff, business):
    """A slot that nobody took, and one that waits; a job that ran is not late."""
    now = clock.now()
    assert late_jobs() == []
    for job in jobs.all_jobs():
        JobRun.objects.create(name=job.name, slot=job.latest_slot(now), state="done", started_at=now)
    assert late_jobs() == []
    JobRun.objects.filter(name="core.prune").update(state="queued", slot=now - timedelta(hours=30))
    JobRun.objects.filter(name="core.prune").update(created_at=now - timedelta(minutes=1))
    assert late_jobs() == []  # the clock process began a minute ago, long after the slot
    JobRun.objects.filter(name="core.prune").update(created_at=now - timedelta(hours=30))
    assert [late.name for late in late_jobs()] == ["core.prune"]
    cache.clear()
    assert "Forget what nobody needs any more" in staff.get("/staff/").content.decode()
    assert "should have begun" in staff.get(reverse("job_list")).content.decode()
    staff.post(reverse("job_run", args=["core.run_rules"]))
    assert JobRun.objects.filter(name="core.run_rules", state="queued").count() == 1
    staff.post(reverse("job_run", args=["core.run_rules"]))
    assert JobRun.objects.filter(name="core.run_rules", state="queued").count() == 1


def test_mine_is_what_i_may_mend_and_tickets_that_no_colleague_has(staff, business, client):
    """Kept per person; the lists behind agree with the counts; who may only look has nothing of their own."""
    stella, clerk = business.stella_actor, make_staff("billing-clerk")
    tickets = everything(stella, "tickets")
    Ticket.objects.update(assigned_to=clerk)
    taken = Ticket.objects.waiting_for_us().first()
    taken.assigned_to = business.stella
    taken.save()
    staff.post("/staff/", {"whose": "mine"})
    assert 'value="mine"' in staff.get("/staff/").content.decode()
    assert [thing.url for thing in everything(stella, "tickets")] == [taken.get_absolute_url()]
    assert next(group for group in groups(stella) if group.key == "tickets").count == 1
    assert len(everything(actor_of(clerk), "tickets")) == len(tickets)
    looker = make_staff("read-only")
    client.force_login(looker)
    assert groups(actor_of(looker))
    client.post("/staff/", {"whose": "mine"})
    assert groups(actor_of(looker)) == []
    client.post("/staff/", {"whose": "nonsense"})
    assert groups(actor_of(looker))


def test_a_large_house_is_counted_by_the_worker(staff, business, monkeypatch):
    """The page comes at once with cards that fill themselves; what the worker counted is shown with its time; the queue is live."""
    asked = []
    monkeypatch.setattr(counting, "QUICK", 0)
    monkeypatch.setattr(counting, "PATIENCE", 0)
    monkeypatch.setattr(nudge, "publish", lambda task, *args, **kwargs: asked.append((task, *args)))
    card, counted = reverse("home_card", args=["money"]), [key.key for key in CARDS if key.counted]
    page = staff.get("/staff/").content.decode()
    assert page.count("Being counted") == len(counted) == len(asked) == 5 and card in page and "Is it down?" in page
    assert "Being counted" in staff.get(card).content.decode() and len(asked) == 5, "a worker is asked once"
    for task, *args in asked:
        assert task == "count_figure"
        count_figure(*args)
    answer = staff.get(card).content.decode()
    assert "Counted at" in answer and "Today" in answer and "hx-get" not in answer
    page = staff.get("/staff/").content.decode()
    assert page.count("Counted at") == 5 and "Being counted" not in page


def test_who_looks_again_finds_cards_that_a_worker_drew(staff, business, monkeypatch, django_assert_max_num_queries):
    """Cards that get old are asked for behind the page; what the worker draws is the reader's own."""
    asked = []
    monkeypatch.setattr(nudge, "publish", lambda *args, **options: asked.append(args))
    staff.get("/staff/")
    assert asked == []
    monkeypatch.setattr(home_cards, "AGEING", -1)
    staff.get("/staff/")
    (task, (name, user_id), language) = asked[0]
    assert (task, name) == ("count_figure", "home.cards")
    department = Department.objects.get(name="Support")
    open_ticket(actor=business.alice_actor, client=business.alice_client, department=department, subject="And now?", body="Hello")
    assert "And now?" not in staff.get("/staff/").content.decode()
    counting.count(name, user_id, language=language)
    assert "And now?" in staff.get("/staff/").content.decode()
