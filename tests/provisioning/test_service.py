"""From paid to online and back: what align asks for, and that each happens once."""

import threading

import pytest
from django.db import connection

from billing.actions.cancellation import cancel_subscription
from billing.actions.suspension import resume_subscription, suspend_subscription
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Message, Outgoing
from hostbill.core.options import set_option
from provisioning.actions.operation import cancel_operation
from provisioning.actions.service import align, attach_account, move_service, set_password, terminate_service
from provisioning.models import Operation, Service
from provisioning.options import TERMINATE_GRACE_DAYS
from provisioning.queries.wanted import step
from tests.provisioning.factories import buy_hosting, hurry, make_hosting, make_server, order_hosting


def service_of(subscription) -> Service:
    """Fresh."""
    return Service.objects.select_related("server").get(subscription=subscription)


@pytest.fixture
def online(cast, server, product, drain):
    """Alice's service, online."""
    subscription = buy_hosting(cast.alice_client, product, "weaves.example.com")
    drain()
    return service_of(subscription)


@pytest.fixture
def down(sandbox, group, whm):
    """A server of the group that nobody answers at."""
    return make_server(sandbox, group, values={"port": 9})


@pytest.mark.parametrize(
    "want, state, verb",
    [
        ("none", "waiting", ""),
        ("live", "waiting", "create"),
        ("live", "setting_up", ""),
        ("live", "live", ""),
        ("live", "suspended", "resume"),
        ("live", "review", ""),
        ("live", "terminated", ""),
        ("suspended", "waiting", ""),
        ("suspended", "live", "suspend"),
        ("suspended", "suspended", ""),
        ("gone", "waiting", "drop"),
        ("gone", "live", "terminate"),
        ("gone", "suspended", "terminate"),
        ("gone", "terminated", ""),
    ],
)
def test_the_table_of_what_is_wanted_and_what_is(online, want, state, verb):
    """Every pair has one answer."""
    online.state = state
    if state == "waiting":
        online.server = None
    assert step(online, want) == verb


def test_paid_becomes_online_with_one_account_and_one_mail(cast, server, product, drain, whm):
    """Nothing before the money; then everything once, with no password in the mail and none kept."""
    order = order_hosting(cast.alice_client, product, "weaves.example.com")
    drain()
    service = Service.objects.get(domain="weaves.example.com")
    assert (service.state, service.wait_reason, whm.accounts()) == ("waiting", "payment", {})
    from tests.billing.factories import pay

    pay(order.invoice)
    drain()
    service.refresh_from_db()
    [account] = whm.accounts().values()
    assert service.state == "live" and account["domain"] == "weaves.example.com"
    assert service.password == ""
    server.refresh_from_db()
    assert server.account_count == 1
    mails = Message.objects.filter(kind="provisioning.welcome")
    assert [mail.to_email for mail in mails] == ["alice@weaves.example"]
    assert service.username in mails[0].text
    drain()
    align(service)
    drain()
    assert mails.count() == 1 and len(whm.calls("createacct")) == 1


def test_no_mail_before_the_panel_confirmed(cast, server, product, drain, whm):
    """An unreachable panel: being set up, no welcome."""
    whm.fault("createacct", "refuse", times=None)
    subscription = buy_hosting(cast.alice_client, product)
    drain()
    assert service_of(subscription).state == "setting_up"
    assert not Message.objects.filter(kind="provisioning.welcome").exists()


def test_suspend_and_resume_follow_billing(online, drain, whm):
    """The reason reaches the panel; paying brings it back."""
    suspend_subscription(online.subscription, kind="manual", reason="Invoice 7 is unpaid", actor=SYSTEM)
    drain()
    online.refresh_from_db()
    account = whm.accounts()[online.username]
    assert online.state == "suspended" and account["suspended"]
    assert "Invoice 7" in account["suspendreason"]
    resume_subscription(online.subscription, actor=SYSTEM, reason="Paid")
    drain()
    online.refresh_from_db()
    assert online.state == "live" and not whm.accounts()[online.username]["suspended"]


def test_paid_while_the_suspension_is_queued_never_reaches_the_panel(online, drain, whm):
    """The last intent wins."""
    suspend_subscription(online.subscription, kind="manual", reason="x", actor=SYSTEM)
    align(online)
    assert online.open_operation.verb == "suspend"
    resume_subscription(online.subscription, actor=SYSTEM, reason="Paid")
    drain()
    online.refresh_from_db()
    assert online.state == "live" and whm.calls("suspendacct") == []
    assert Operation.objects.get(verb="suspend").state == "cancelled"


def test_two_threads_ask_for_one_account(transactional_db, sandbox, whm, drain, cast):
    """Both see "create" missing; one operation comes of it, one slot is taken."""
    from tests.provisioning.factories import make_group

    group = make_group()
    server = make_server(sandbox, group)
    subscription = buy_hosting(cast.alice_client, make_hosting(group))
    Service.objects.all().delete()
    from provisioning.actions.service import create_service

    service = create_service(subscription)
    barrier, errors = threading.Barrier(2), []

    def ask():
        try:
            barrier.wait()
            align(Service.objects.get(pk=service.pk))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.refresh_from_db()
    assert errors == [] and Operation.objects.filter(service=service).count() == 1
    assert server.account_count == 1


def test_ended_is_offline_for_days_of_grace_then_deleted(online, drain, whm, move_clock, server):
    """Three days by default."""
    cancel_subscription(online.subscription, when="now", reason="no need", actor=SYSTEM)
    drain()
    online.refresh_from_db()
    assert online.state == "suspended" and online.username in whm.accounts()
    move_clock(4)
    drain()
    online.refresh_from_db()
    server.refresh_from_db()
    assert online.state == "terminated" and whm.accounts() == {} and server.account_count == 0


def test_termination_spares_an_account_of_another_domain(online, drain, whm):
    """Somebody renamed it by hand: nothing is deleted, a person decides."""
    Service.objects.filter(pk=online.pk).update(domain="other.example.com")
    terminate_service(Service.objects.get(pk=online.pk), reason="x", actor=SYSTEM)
    drain()
    online.refresh_from_db()
    assert online.state == "review" and online.username in whm.accounts()


def test_terminating_what_is_gone_counts_as_done(online, drain, whm):
    """Deleted by hand in the panel."""
    set_option(TERMINATE_GRACE_DAYS, 0, SYSTEM)
    whm.sandbox.control("whm", "reset", {})
    cancel_subscription(online.subscription, when="now", reason="x", actor=SYSTEM)
    drain()
    online.refresh_from_db()
    assert online.state == "terminated"
    assert "no such account" in Operation.objects.get(verb="terminate").note


def test_a_suspension_by_somebody_else_is_not_lifted(online, drain, whm):
    """Abuse found by the panel's admin: paying must not hide it."""
    import requests

    token = whm.sandbox.whm.token
    params = {"api.version": "1", "user": online.username, "reason": "sends spam"}
    url = f"{whm.sandbox.whm.url}/json-api/suspendacct"
    requests.get(url, params=params, headers={"Authorization": f"whm root:{token}"}, timeout=5)
    suspend_subscription(online.subscription, kind="manual", reason="unpaid", actor=SYSTEM)
    drain()
    resume_subscription(online.subscription, actor=SYSTEM, reason="Paid")
    drain()
    online.refresh_from_db()
    assert online.state == "suspended" and whm.accounts()[online.username]["suspended"]
    assert "spam" in online.suspended_elsewhere and online.attention


def test_set_password_is_sent_once_and_forgotten(online, cast, drain, whm):
    """And it is in no stored exchange."""
    secret = "Wolf-Lantern-77-Meadow"
    set_password(online, password=secret, actor=cast.alice_actor)
    drain()
    operation = Operation.objects.get(verb="set_password")
    assert operation.state == "done" and operation.password == ""
    assert secret not in str([attempt.exchange for attempt in operation.attempts.all()])


def test_move_before_it_exists(cast, sandbox, group, down, product, drain, whm):
    """The slot goes with it."""
    subscription = buy_hosting(cast.alice_client, product)
    drain()
    service = service_of(subscription)
    other = make_server(sandbox, group)
    move_service(service, server=other, actor=cast.stella_actor)
    hurry()
    drain()
    service.refresh_from_db()
    down.refresh_from_db()
    other.refresh_from_db()
    assert (service.state, service.server) == ("live", other)
    assert (down.account_count, other.account_count) == (0, 1)
    with pytest.raises(AppError):
        move_service(service, server=down, actor=cast.stella_actor)


def test_attach_an_account_made_by_hand(cast, server, product, drain, whm):
    """It is read from the panel, not made."""
    order = order_hosting(cast.charlie_client, product, "byhand.example.com")
    drain()
    service = Service.objects.get(subscription__order_line__order=order)
    attach_account(service, server=server, username="byhand01", actor=cast.stella_actor)
    drain()
    service.refresh_from_db()
    assert service.state == "live" and whm.calls("createacct") == []
    assert Operation.objects.get(service=service, verb="sync").error_code == "missing"


def test_cancelled_setup_starts_again_only_by_staff(cast, down, product, drain):
    """align leaves it alone."""
    subscription = buy_hosting(cast.alice_client, product)
    drain()
    service = service_of(subscription)
    cancel_operation(service.open_operation, actor=cast.stella_actor, reason="wrong plan")
    drain()
    align(service, new_intent=True)
    service.refresh_from_db()
    assert service.state == "waiting" and service.open_operation is None
    assert Outgoing.objects.filter(kind="provisioning.operation").count() == 1


def test_options_reach_the_panel_and_follow_a_change(online, drain, whm):
    """An option called "plan" names the package, "disk_gb" the account's disk; taken back, the product's plan holds again."""
    from billing.actions.subscription import change_label
    from billing.models import OptionChoice, OptionGroup, ProductOption, SubscriptionItem

    subscription, group = online.subscription, OptionGroup.objects.create(name="Server")

    def choose(key, kind, value, quantity=1):
        option = ProductOption.objects.create(group=group, key=key, name=key, kind=kind)
        choice = OptionChoice.objects.create(option=option, name=key, value=value)
        SubscriptionItem.objects.create(
            subscription=subscription, option=option, choice=choice, quantity=quantity, unit_amount=0, description=key
        )

    choose("plan", "dropdown", "grow")
    choose("disk_gb", "quantity", "", quantity=3)

    def changed():
        change_label(subscription, label=subscription.label, answers=subscription.answers, actor=SYSTEM)
        drain()
        account = next(iter(whm.accounts().values()))
        return account["plan"], account["quota"]

    assert changed() == ("grow", "3072")
    assert service_of(subscription).limits == {"disk_mb": 3072}
    SubscriptionItem.objects.all().delete()
    assert changed() == ("start", "")
    assert step(service_of(subscription), "live") == ""
