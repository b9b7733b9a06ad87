"""The set-up guide sees by itself what is done; the health page names what is wrong, and stops when it is mended."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.cache import cache
from django.urls import reverse

from billing.models import Charge, Price
from hostbill.core import clock, jobs, modules, options
from hostbill.core.access import SYSTEM
from hostbill.core.models import Delivery, Event, JobRun, Lane, Message, ModuleConfig, Outgoing
from hostbill.pages import checkup, guide
from provisioning.models import Server, ServerGroup
from tests.billing.factories import active_subscription, make_product, make_tax_rate
from tests.factories import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client, cast):
    """Stella's browser."""
    client.force_login(cast.stella)
    return client


def bank():
    """A way to be paid."""
    return modules.store_values(
        ModuleConfig(kind="gateway", driver="bank_transfer", label="Bank"),
        {"account_holder": "Nordhost", "iban": "DE02100100100006820101", "bic": "FOERDE21XXX", "bank_name": "F"},
    )


def test_an_empty_house_has_everything_to_do(staff):
    """Nothing is done, the first step is the next one, the home page says so."""
    assert [key for key in guide.done_keys() if key != "clockwork"] == []
    page = unescape(staff.get(reverse("setup_guide")).content.decode())
    assert "From nothing to the first sale" in page and "Not yet" in page
    home = unescape(staff.get("/staff/").content.decode())
    assert "Set-up: 0 of 10 steps done" in home and "Your company" in home


def test_steps_are_done_when_the_data_says_so(staff, cast):
    """Each by its own act, and not by a click in the guide."""
    for key, value in (("address1", "Kai 1"), ("postcode", "24937"), ("city", "Flensburg"), ("email", "hi@nord.example")):
        options.set_option(options.find(f"company.{key}"), value, SYSTEM)
    assert "company" in guide.done_keys()
    make_tax_rate()
    bank()
    product = make_product()
    assert {"tax", "payment", "product"} <= set(guide.done_keys())
    Price.objects.filter(product=product).update(currency="USD")
    assert "product" not in guide.done_keys()
    ModuleConfig.objects.update(is_active=False)
    assert "payment" not in guide.done_keys()
    make_product()
    active_subscription(cast.alice_client)
    assert "order" in guide.done_keys()


def test_a_card_gateway_counts_when_it_was_tested():
    """Keys that nobody tried are no way to be paid."""
    card = ModuleConfig.objects.create(kind="gateway", driver="stripe", label="Card")
    assert "payment" not in guide.done_keys()
    ModuleConfig.objects.filter(pk=card.pk).update(tested_at=clock.now())
    assert "payment" in guide.done_keys()
    ModuleConfig.objects.filter(pk=card.pk).update(test_error="wrong key")
    assert "payment" not in guide.done_keys()


def test_the_way_there_and_back(staff):
    """The step's screen bears a band that leads back and tells when it is done; coming back ends it."""
    answer = staff.get(reverse("setup_guide_step", args=["tax"]))
    assert answer.status_code == 302
    page = unescape(staff.get(answer["Location"]).content.decode())
    assert "Set-up, step 3 of 10: Tax rates." in page and "Back to the guide" in page
    fields = {field for field in re.findall(r"<input[^>]*>", page) if 'name="country"' in field or 'name="valid_from"' in field}
    assert [any(f'value="{value}"' in field for field in fields) for value in ("DE", clock.today())] == [True, True]
    assert "All rates of the EU" in page
    options.set_option(options.COMPANY_COUNTRY, "NO", SYSTEM)
    abroad = staff.get(reverse("setup_guide_step", args=["tax"]), follow=True)
    assert "All rates of the EU" not in abroad.content.decode()
    make_tax_rate()
    assert "<b>Done.</b>" in staff.get(answer["Location"]).content.decode()
    assert "Back to the guide" not in staff.get("/staff/tickets/").content.decode()
    staff.get(reverse("setup_guide"))
    assert "Back to the guide" not in staff.get(answer["Location"]).content.decode()
    assert staff.get(reverse("setup_guide_step", args=["nonsense"])).status_code == 404


def test_it_can_be_hidden_and_is_for_owners(staff, client, cast):
    """Only from the own home page; people who may not set up never see it."""
    staff.post(reverse("setup_guide"), {"hide": "1"})
    assert "steps done" not in staff.get("/staff/").content.decode()
    staff.post(reverse("setup_guide"), {"show": "1"})
    assert "steps done" in staff.get("/staff/").content.decode()
    client.force_login(make_staff("support-agent"))
    assert "steps done" not in client.get("/staff/").content.decode()
    assert client.get(reverse("setup_guide")).status_code == 403


# --- health --------------------------------------------------------------------------------------------------------------


def titles() -> str:
    """Everything that is found now."""
    return "\n".join(finding.title for result in checkup.examine() for finding in result.findings)


def group_without_room():
    """A server that refuses our login, and a group that is full."""
    group = ServerGroup.objects.create(name="Falkenstein")
    module = ModuleConfig.objects.create(kind="panel", driver="cpanel", label="Panel", tested_at=clock.now())
    return Server.objects.create(
        name="fra-1", hostname="fra-1.example", group=group, module_config=module, health="problem", stopped_since=clock.now()
    )


TROUBLES = {
    "Nobody can pay": lambda: None,
    "No tax rate for DE": lambda: None,
    "has no price": lambda: Price.objects.filter(product=make_product(name="Free")).delete(),
    "has no price in EUR": lambda: Price.objects.filter(product=make_product()).update(currency="USD"),
    "fra-1: Access refused": group_without_room,
    "No room left in Falkenstein": group_without_room,
    "the connection test failed": lambda: ModuleConfig.objects.create(kind="gateway", driver="stripe", label="C", test_error="x"),
    "the connection was never tested": lambda: ModuleConfig.objects.create(kind="gateway", driver="stripe", label="C"),
    "No calls to server:7": lambda: Lane.objects.create(name="server:7", stopped=True, reason="refused"),
    "rests after 5 failures": lambda: Lane.objects.create(name="x", failures=5, open_until=clock.now() + timedelta(minutes=1)),
    "1 event was given up": lambda: Delivery.objects.create(event=Event.objects.create(name="x", payload={}), handler="h", state="dead"),
    "1 call failed for good": lambda: Outgoing.objects.create(kind="x", key="1", object_id=1, state="failed"),
    "1 mail did not arrive": lambda: Message.objects.create(kind="x", key="1", to_email="a@b.example", state="bounced"),
    "Calls and mails wait": lambda: Outgoing.objects.create(
        kind="x", key="1", object_id=1, next_try_at=clock.now() - timedelta(hours=1)
    ),
    "1 job is late": lambda: JobRun.objects.bulk_create(_runs(late=_long_due())),
    "“Forget what nobody needs any more” failed": lambda: JobRun.objects.create(name="core.prune", slot=clock.now(), state="failed"),
    "The books were never verified": lambda: None,
    "Books: numbers_gapless": lambda: JobRun.objects.create(
        name="billing.check_books", slot=clock.now(), state="done", failures=[{"label": "numbers_gapless: gap", "error": "1: number=7"}]
    ),
    "2 colleagues sign in with a password only": lambda: make_staff("read-only"),
}  # fmt: skip


def _long_due() -> str:
    """A job whose time came long enough ago that its absence counts, whatever time it is now."""
    now = clock.now()
    return next(job.name for job in jobs.all_jobs() if job.latest_slot(now) < now - timedelta(hours=2))


def _runs(late):
    """Every job ran at its time but one."""
    now = clock.now()
    for job in jobs.all_jobs():
        slot = job.latest_slot(now) - (timedelta(days=2) if job.name == late else timedelta(0))
        yield JobRun(name=job.name, slot=slot, state="done", started_at=slot)


@pytest.mark.parametrize("words", TROUBLES, ids=lambda words: words[:30])
def test_each_trouble_is_named(words, staff):
    """And the page shows it with the way to mend it."""
    TROUBLES[words]()
    assert words in titles()
    assert words in unescape(staff.get(reverse("staff_health")).content.decode())


def test_settings_that_endanger_are_named(settings):
    """Debug mode, a known key, no TLS, any host; and nothing of it where all is as it should be."""
    settings.DEBUG, settings.SECRET_KEY, settings.HTTPS = True, "dev-secret", False
    settings.ALLOWED_HOSTS = ["*"]
    settings.ENCRYPTION_KEYS = list(checkup.KNOWN_KEYS)
    found = titles()
    for words in ("Debug mode is on", "HOSTBILL_SECRET_KEY", "known example key", "not protected", "Any host name"):
        assert words in found, words
    settings.DEBUG, settings.SECRET_KEY, settings.HTTPS = False, "q" * 60, True
    settings.ALLOWED_HOSTS, settings.ENCRYPTION_KEYS = ["billing.example.com"], ["a-real-one"]
    found = titles()
    for words in ("Debug mode is on", "HOSTBILL_SECRET_KEY", "known example key", "not protected", "Any host name"):
        assert words not in found, words


def test_what_is_mended_is_gone(staff):
    """The tax rate, the way to pay: named once, and not after they are there."""
    assert "No tax rate" in titles() and "Nobody can pay" in titles()
    make_tax_rate()
    bank()
    cache.clear()
    assert "No tax rate" not in titles() and "Nobody can pay" not in titles()


def test_a_silent_webhook_is_noticed(cast):
    """Payments through the gateway, and not one message of it."""
    order_card = ModuleConfig.objects.create(kind="gateway", driver="stripe", label="Card", tested_at=clock.now())
    subscription = active_subscription(cast.alice_client)
    invoice = subscription.invoice_lines.first().invoice
    Charge.objects.create(
        key="c1", invoice=invoice, client=cast.alice_client, gateway=order_card, currency="EUR", amount=1,
        state="succeeded", succeeded_at=clock.now(),
    )
    assert "no webhook does" in titles()


def test_the_nightly_verification_names_what_is_broken(monkeypatch):
    """A broken invariant becomes a failure of the run, by name; a whole book none."""
    from billing import jobs as billing_jobs
    from billing.queries.books import Finding
    from hostbill.core.jobs import Report

    report = Report(JobRun())
    billing_jobs.check_books(clock.now(), report)
    assert report.failures == [] and report.counts["checks"] > 20
    monkeypatch.setattr(billing_jobs, "verify", lambda: [Finding("numbers_gapless", "numbers run from 1", [{"number": 7}])])
    report = Report(JobRun())
    billing_jobs.check_books(clock.now(), report)
    assert "numbers_gapless" in report.failures[0]["label"] and "number=7" in report.failures[0]["error"]
