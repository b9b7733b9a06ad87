"""Processes die, answers get lost, messages come twenty times: afterwards one payment, one account, one welcome mail.

The mailbox shows every mail once, whatever happened: a second delivery of it bears the same Message-ID. A second delivery can
only come when the answer to the final dot of a mail is lost, since SMTP cannot be asked; the tests say where that can be.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from datetime import date, timedelta

import pytest

from tests.journeys.stack import ROOT, eventually

pytestmark = pytest.mark.xdist_group("stack")
#: A dead worker is noticed after 20 s (core.heartbeat) by the next tick; the rest is for slow machines.
RECOVERY = 150

PLACE = """
import sys
from billing.actions.cart import add_line, create_cart
from billing.actions.charge import note_checkout, start_checkout
from billing.actions.order import place_order
from billing.actions.payment_method import note_customer
from billing.gateways.base import ChargeRequest
from billing.models import Product
from billing.queries.quote import quote
from clients.actions.client import create_client
from hostbill.core import http, modules
from hostbill.core.access import SYSTEM
from hostbill.core.models import ModuleConfig

tag = "{tag}"
client = create_client(actor=SYSTEM, first_name="Test", last_name=tag, email=f"{tag}@faults.example", address1="Norderstrasse 12",
    postcode="24939", city="Flensburg", country="DE", currency="EUR")
cart = create_cart(currency="EUR", actor=SYSTEM, client=client)
add_line(cart, product=Product.objects.get(slug="start"), cycle="monthly", answers={"domain": f"{tag}.example"}, actor=SYSTEM)
order = place_order(cart, client=client, actor=SYSTEM, idempotency_key=tag, agreed={"terms": "1"},
    expected_total=quote(cart, country="DE").total.amount)
gateway = ModuleConfig.objects.get(kind="gateway", driver="stripe")
driver = modules.load(gateway)
charge = start_checkout(order.invoice, gateway, actor=SYSTEM, consent_text="Keep this card for renewals.")
customer = note_customer(client, gateway, driver.ensure_customer(client.email, client.name, client.number))
start = driver.checkout(ChargeRequest(amount=charge.money, key=charge.key, customer_id=customer.remote_id, save_method=True))
note_checkout(charge, remote_id=start.remote_id, client_secret=start.client_secret)
http.request("POST", f"{gateway.config['api_base']}/v1/payment_intents/{start.remote_id}/confirm", mutating=True, data={
    "key": gateway.config["publishable_key"], "client_secret": start.client_secret, "payment_method_data[type]": "card",
    "payment_method_data[card][number]": "4242424242424242", "payment_method_data[card][exp_month]": "9",
    "payment_method_data[card][exp_year]": "2034", "payment_method_data[card][cvc]": "314"}).raise_for_status()
print(start.remote_id)
"""
RESULT = """
import json
from billing.models import Charge, Invoice, Payment
from hostbill.core.models import Delivery, Message, Outgoing
from provisioning.models import Service
service = Service.objects.filter(domain="{tag}.example").first()
print(json.dumps({
    "state": service.state if service else "",
    "invoices": list(Invoice.objects.filter(client__last_name="{tag}").order_by("pk").values_list("state", flat=True)),
    "payments": Payment.objects.filter(client__last_name="{tag}").count(),
    "charges": list(Charge.objects.filter(client__last_name="{tag}").order_by("pk").values_list("state", flat=True)),
    "welcome": list(Message.objects.filter(to_email="{tag}@faults.example", kind="provisioning.welcome").values_list("state", flat=True)),
    "dead": Delivery.objects.filter(state="dead").count(),
    "open": list(Outgoing.objects.exclude(state="done").exclude(kind="core.message", state="failed").values_list("kind", "state", "error"))
        + list(Delivery.objects.exclude(state="done").values_list("handler", "state", "error")),
}))
"""


RENEW = """
from billing.actions.charge import request_charge
from billing.actions.renewal import raise_renewals
from billing.models import PaymentMethod, Subscription
from hostbill.core.access import SYSTEM
subscription = Subscription.objects.select_related("account").get(client__last_name="{tag}")
invoice = raise_renewals(subscription.account, until=subscription.next_due_on, actor=SYSTEM)[0]
print(request_charge(invoice, PaymentMethod.objects.get(client__last_name="{tag}"), actor=SYSTEM).key)
"""


@pytest.fixture
def order(stack):
    """Place an order and confirm its card in one go; returns the payment intent. Ends with whole books and no faults left."""
    assert stack.healthy(120)
    yield lambda tag: stack.shell(PLACE.replace("{tag}", tag)).splitlines()[-1]
    for name in ("whm", "stripe", "mail"):
        stack.control(name, "faults", method="DELETE")
    stack.control("stripe", "webhooks", {"flush": True})
    stack.books()


@pytest.fixture
def tag():
    """A customer of this test's own: the last name, and the domain before .example."""
    return f"f{uuid.uuid4().hex[:9]}"


def result(stack, tag) -> dict:
    """What became of the order; empty while the database is away."""
    try:
        return json.loads(stack.shell(RESULT.replace("{tag}", tag)).splitlines()[-1])
    except AssertionError:
        return {}


def assert_once(stack, tag, *, doubts=0, others=0, invoices=1) -> None:
    """After recovery: one payment per invoice, one account, one welcome mail, a live service, nothing left lying.

    The mailbox holds each mail once. ``doubts``: how often the welcome mail may have been delivered again, because the answer
    to its final dot can have been lost; ``others``: how many other mails the worker's other child may have been handing over."""
    found, deadline = {}, time.monotonic() + RECOVERY
    paid, charged = ["paid"] * invoices, ["succeeded"] * invoices
    while not (
        found.get("state") == "live"
        and found["welcome"] == ["sent"]
        and found["invoices"] == paid
        and not found["open"]
    ):
        assert time.monotonic() < deadline, found
        time.sleep(1)
        found = result(stack, tag)
    assert (found["payments"], found["charges"], found["dead"]) == (invoices, charged, 0), found
    assert [account["domain"] for account in stack.accounts().values()].count(f"{tag}.example") == 1
    mails = stack.mails(f"{tag}@")
    (welcome,) = [mail for mail in mails if f"{tag}.example" in mail["subject"]]
    assert sorted(mail["message_id"] for mail in mails) == sorted({mail["message_id"] for mail in mails})
    again = {mail["subject"]: mail["copies"] - 1 for mail in mails}
    assert again[welcome["subject"]] <= doubts and sum(again.values()) <= doubts + others, again


def spent(stack, sandbox) -> bool:
    """Whether the ordered fault has begun."""
    return not stack.control(sandbox, "faults")


def kill_with_children(stack, name) -> None:
    """kill -9 of a process and of those it has forked; returns when its successor runs."""
    pid = stack.up.processes[name]
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()
    for each in (pid, *map(int, children)):
        os.kill(each, signal.SIGKILL)
    eventually(lambda: stack.up.processes[name] != pid, 40)


#: Where the worker is when it is killed: sandbox, step of the talk ("TAG" is the customer), fault, mails in doubt.
STEPS = {
    "looking the payment up": ("stripe", "payment_intents.retrieve", "delay", 0),
    "asking for the account": ("whm", "createacct", "delay_before", 0),
    "waiting for the answer that the account is made": ("whm", "createacct", "delay", 0),
    "naming the recipient of a mail": ("mail", "rcpt TAG", "delay", 0),
    "waiting to hand over a mail": ("mail", "begin TAG", "delay", 0),
    "handing over the welcome mail": ("mail", "data TAG.*TAG", "delay_before", 0),
    "waiting for the answer that the welcome mail is taken": ("mail", "data TAG.*TAG", "delay", 1),
}


@pytest.mark.parametrize("step", STEPS)
def test_the_worker_is_killed(stack, order, tag, step):
    sandbox, operation, kind, doubts = STEPS[step]
    fault = {"match": operation.replace("TAG", tag), "kind": kind, "seconds": 4, "times": 1}
    stack.control(sandbox, "faults", fault)
    order(tag)
    eventually(lambda: spent(stack, sandbox), 60)
    kill_with_children(stack, "worker")
    assert_once(stack, tag, doubts=doubts, others=1)


def test_the_worker_is_killed_again_and_again(stack, order, tag):
    """At moments that nobody chose: whatever it was doing, the next one goes on."""
    order(tag)
    for pause in (0.1, 0.3, 0.7):
        time.sleep(pause)
        kill_with_children(stack, "worker")
    assert_once(stack, tag, doubts=2)  # two children: each may have waited for the answer to a dot


def test_the_answer_of_createacct_is_lost(stack, order, tag):
    stack.control("whm", "faults", {"match": "createacct", "kind": "drop_after", "times": 1})
    order(tag)
    assert_once(stack, tag)
    made = [call for call in stack.control("whm", "calls?operation=createacct") if tag in str(call["params"])]
    assert [call["fault"] for call in made] == ["drop_after"], "looked up, not sent again"


def test_the_gateway_takes_the_money_for_a_renewal_and_its_answer_is_lost(stack, order, tag):
    order(tag)
    assert_once(stack, tag)
    stack.control("stripe", "faults", {"match": "payment_intents.create", "kind": "drop_after", "times": 1})
    key = stack.shell(RENEW.replace("{tag}", tag)).splitlines()[-1]
    assert_once(stack, tag, invoices=2)
    made = [
        call for call in stack.control("stripe", "calls?operation=payment_intents.create") if key in str(call["params"])
    ]
    assert [call["fault"] for call in made] == ["drop_after"], "looked up, not sent again"


def test_the_broker_dies_and_forgets_everything(stack, order, tag):
    stack.control("whm", "faults", {"match": "createacct", "kind": "delay", "seconds": 4, "times": 1})
    order(tag)
    eventually(lambda: spent(stack, "whm"), 60)
    pid = stack.up.processes["valkey"]
    os.kill(pid, signal.SIGKILL)
    shutil.rmtree(stack.folder / "valkey" / "appendonlydir", ignore_errors=True)
    eventually(lambda: stack.up.processes["valkey"] != pid, 40)
    assert_once(stack, tag)
    assert stack.healthy(60)


def test_the_database_dies(stack, order, tag):
    stack.control("whm", "faults", {"match": "createacct", "kind": "delay", "seconds": 4, "times": 1})
    order(tag)
    eventually(lambda: spent(stack, "whm"), 60)
    pid = stack.up.processes["postgres"]
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: stack.up.processes["postgres"] != pid, 40)
    assert_once(stack, tag, doubts=2)  # the answer to a dot may have come while it was away
    assert stack.healthy(60)


def test_a_message_comes_twenty_times_at_once_and_out_of_order(stack, order, tag):
    stack.control("stripe", "webhooks", {"hold": True, "reorder": True, "duplicate": 1})
    intent = order(tag)
    stack.control("stripe", "webhooks", {"flush": True, "reorder": True})
    succeeded = {"type": "payment_intent.succeeded", "times": 20, "parallel": True}
    assert stack.control("stripe", "send_event", succeeded)["queued"] == 20
    assert_once(stack, tag)
    eventually(lambda: not stack.control("stripe", "deliveries", {})["pending"], 60)
    code = "from billing.models import GatewayEvent, Payment; print(GatewayEvent.objects.filter(type='payment_intent.succeeded',"
    assert (
        stack.shell(f"{code} object_id='{intent}').count(), Payment.objects.filter(remote_id='{intent}').count())")
        == "1 1"
    )


#: One day of the seller's, hour by hour, by ticks alone: each move waits until the runs that it makes due are done.
LIVE_THROUGH = """
import time
from datetime import date, time as day_time
from hostbill.core import clock, jobs
from hostbill.core.models import JobRun, Outgoing
for hour in (1, 2, 3, 4, 5, 13, 23):
    clock.move_to(clock.start_of(date.fromisoformat("{day}"), day_time(hour, 45)))
    deadline = time.monotonic() + 90
    while not all(JobRun.objects.filter(name=job.name, slot=job.latest_slot(clock.now()), state="done") for job in jobs.all_jobs()):
        assert time.monotonic() < deadline, list(JobRun.objects.exclude(state="done").values_list("name", "state", "error"))
        time.sleep(0.2)
"""
RUNS = """
import json
from datetime import date, timedelta
from hostbill.core import clock, jobs
from hostbill.core.models import JobRun
begin, end = (clock.start_of(date.fromisoformat("{day}") + timedelta(days=more)) for more in (0, 1))
daily = [job.name for job in jobs.all_jobs() if job.daily_at]
runs = JobRun.objects.filter(name__in=daily, slot__gte=begin, slot__lt=end)
print(json.dumps([sorted(daily), sorted(runs.values_list("name", flat=True)), runs.exclude(attempts=1, state="done").count()]))
"""
DUE = "from billing.models import Subscription; print(Subscription.objects.get(client__last_name='{tag}').next_due_on)"

KEYS = """
import json
from billing.models import Charge
print(json.dumps(list(Charge.objects.filter(client__last_name="{tag}").values_list("key", flat=True))))
"""


@contextmanager
def second(stack, name, *arguments):
    """One more process beside those that `bin/up` looks after, as after a careless scaling up; its log file as well."""
    environment = {**stack.environment, **json.loads((stack.folder / "environment.json").read_text())}
    command = [sys.executable, "-m", "celery", "-A", "hostbill", name, *arguments]
    log = stack.folder / f"second-{name}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            yield process, log
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)


def live_through(stack, day) -> None:
    """The day passes by ticks; afterwards every daily job has run for it, once."""
    stack.shell(LIVE_THROUGH.replace("{day}", day.isoformat()))
    daily, ran, odd = json.loads(stack.shell(RUNS.replace("{day}", day.isoformat())).splitlines()[-1])
    assert (ran, odd) == (daily, 0)


def test_two_clocks_tick(stack, order, tag):
    """Two beats and two workers, through the day of a renewal's invoice and the day of its charge."""
    schedule = ["--loglevel", "WARNING", "--pidfile=", "--schedule", str(stack.folder / "second-beat")]
    worker = ["--concurrency", "2", "-Q", "default", "--loglevel", "INFO", "--hostname", "second@%h"]
    with second(stack, "beat", *schedule) as (beat, _log), second(stack, "worker", *worker) as (_worker, log):
        order(tag)
        assert_once(stack, tag)
        due = date.fromisoformat(stack.shell(DUE.replace("{tag}", tag)).splitlines()[-1])
        stack.manage("clock", "set", (due - timedelta(days=15)).isoformat())
        stack.kill("beat")  # the other goes on; this one comes back
        live_through(stack, due - timedelta(days=14))
        assert result(stack, tag)["invoices"] == ["paid", "issued"]
        stack.manage("clock", "set", (due - timedelta(days=1)).isoformat())
        first = stack.up.processes["beat"]
        os.kill(first, signal.SIGSTOP)  # hangs, so nobody restarts it: the other ticks alone
        try:
            live_through(stack, due)
        finally:
            os.kill(first, signal.SIGCONT)
        assert beat.poll() is None
        assert_once(stack, tag, invoices=2)
        assert "task_succeeded" in log.read_text(), "the second worker did nothing"
    calls = [str(call["params"]) for call in stack.control("stripe", "calls?operation=payment_intents.create")]
    keys = json.loads(stack.shell(KEYS.replace("{tag}", tag)).splitlines()[-1])
    assert [sum(key in call for call in calls) for key in keys] == [1, 1]
