"""What is misconfigured or unwell, and how to mend it: each check looks at rows and settings and names what it finds."""

import shutil
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Exists, F, Max, OuterRef, Q
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View

from billing.models import Account, Charge, GatewayEvent, Price, Product, TaxRate
from billing.queries.tax_rules import load_rules
from billing.queries.vat_area import STATES
from billing.queries.vat_id import clean_vat_id, is_well_formed
from clients.models import User
from hostbill.core import clock, modules, search
from hostbill.core.access import StaffView
from hostbill.core.doors import open_to
from hostbill.core.errors import AppError
from hostbill.core.failures import short
from hostbill.core.models import Delivery, JobRun, Lane, Message, ModuleConfig, Outgoing
from hostbill.core.options import COMPANY_COUNTRY, COMPANY_CURRENCY, COMPANY_TAX_ID, MAIL_FROM_EMAIL
from hostbill.core.ui.words import ago_words, size
from hostbill.pages.health import check_broker, check_events, check_outgoing
from hostbill.pages.job_words import job_label, last_runs, late_jobs
from hostbill.pages.lane_words import lane_name
from hostbill.pages.links import address, filtered
from provisioning.models import Server, ServerGroup

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
#: The encryption key that examples and tests use, and beginnings of secret keys that are no secret.
KNOWN_KEYS = {"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}
KNOWN_SECRETS = ("dev-", "change", "insecure", "django-insecure", "secret")
LEAST_FREE = 10  # percent of the disk
BOOKS = "billing.check_books"


@dataclass(frozen=True)
class Finding:
    """``kind`` failed: harm is being done; attention: it will be. ``mend``: what to do; ``url``: where, named ``label``."""

    kind: str
    title: str
    mend: str
    url: str = ""
    label: str = ""


@dataclass(frozen=True)
class Check:
    """``find()`` gives what is wrong; nothing means well, which ``well`` says."""

    topic: str
    well: str
    find: object


@dataclass(frozen=True)
class Result:
    """One check as it came out."""

    check: Check
    findings: list = field(default_factory=list)


def _bad(title, mend, url="", label=""):
    return Finding("failed", title, mend, url, label or _("Mend"))


def _warn(title, mend, url="", label=""):
    return Finding("attention", title, mend, url, label or _("Look"))


# --- machinery ---------------------------------------------------------------------------------------------------------


def processes():
    """Broker, clock and worker."""
    found = check_broker()
    if not found["broker"]["ok"]:
        yield _bad(
            _("The broker does not answer"),
            _("Start Valkey or Redis, or correct REDIS_URL. Nothing is lost meanwhile: all work is rows in the database."),
        )
        return
    for name, title in (("beat", _("The clock process stands still")), ("worker", _("No worker is at work"))):
        if not found[name]["ok"]:
            age = found[name].get("seconds_ago")
            since = _("Last sign of life %(n)d seconds ago.") % {"n": age} if age is not None else _("Never seen.")
            yield _bad(title, since + " " + _("Start the %(name)s process, and read its log if it ends again.") % {"name": name})


def jobs_on_time():
    """Slots that nobody took."""
    last = last_runs()
    late = late_jobs(last)
    if late:
        names = ", ".join(job.label for job in late[:3])
        words = ngettext("%(n)d job is late", "%(n)d jobs are late", len(late)) % {"n": len(late)}
        yield _bad(words, _("%(names)s. Is the worker running, or busy with something long?") % {"names": names}, address("job_list"))
    for failed in [run for _name, run in sorted(last.items()) if run.state == JobRun.State.FAILED]:
        words = _("“%(job)s” failed %(ago)s") % {"job": job_label(failed.name), "ago": ago_words(failed.slot)}
        yield _bad(words, short("crashed", failed.error)[:200], address("job_detail", failed.name), _("Look and run again"))


def word_indexes():
    """The search's indexes, which need an extension that not every database user may create."""
    missing = search.missing_indexes()
    if missing and not search.has_extension():
        yield _warn(
            _("The search is slow and takes no misspelt words"),
            _("PostgreSQL's extension pg_trgm is missing. Let the database's administrator run “CREATE EXTENSION pg_trgm;”, "
              "then run “manage.py search_index”."),
        )  # fmt: skip
    elif missing:
        words = _("Run “manage.py search_index”. Missing: %(names)s.") % {"names": ", ".join(missing)}
        yield _warn(_("Indexes of the search are missing"), words)


def queues():
    """Work that has been due for long, and work that was given up."""
    for found, title, url in (
        (check_events(), _("Events wait for their handlers since %(n)d minutes"), address("delivery_list")),
        (check_outgoing(), _("Calls and mails wait since %(n)d minutes"), address("outgoing_list")),
    ):
        if not found["ok"]:
            yield _bad(title % {"n": found["oldest_seconds"] // 60}, _("The worker is away, or a lane is stopped."), url)
    dead = Delivery.objects.filter(state="dead")[:1000].count()
    if dead:
        words = ngettext("%(n)d event was given up", "%(n)d events were given up", dead) % {"n": dead}
        yield _bad(words, _("A handler failed many times. Read why, mend the cause, try again."), filtered("delivery_list", tab="dead"))
    failed = Outgoing.objects.filter(state="failed", created_at__gt=clock.now() - WEEK).exclude(kind="core.message")[:1000].count()
    if failed:
        words = ngettext("%(n)d call failed for good this week", "%(n)d calls failed for good this week", failed) % {"n": failed}
        yield _warn(words, _("Each says why. Try again what should still happen."), filtered("outgoing_list", tab="trouble"))


def lanes():
    """Remote systems that are left alone for now."""
    for lane in Lane.objects.filter(Q(stopped=True) | Q(open_until__gt=clock.now())).order_by("name")[:10]:
        if lane.stopped:
            title = _("No calls to %(name)s until somebody looks") % {"name": lane_name(lane.name)}
            yield _bad(title, lane.reason or _("It refused our login."), address("outgoing_list"))
        else:
            title = _("%(name)s rests after %(n)d failures in a row") % {"name": lane_name(lane.name), "n": lane.failures}
            yield _warn(title, _("It is tried again by itself. If it goes on, is the system reachable?"), address("outgoing_list"))


def disk():
    """Room where logs, uploads and documents are kept."""
    usage = shutil.disk_usage(settings.VAR if Path(settings.VAR).exists() else "/")
    if usage.free * 100 < usage.total * LEAST_FREE:
        title = _("The disk is nearly full: %(free)s free") % {"free": size(usage.free)}
        yield _bad(title, _("Enlarge it or delete old logs and back-ups: a full disk stops the database."))


# --- money -------------------------------------------------------------------------------------------------------------


def ways_to_pay():
    """Gateways: connected, tested, and heard of."""
    active = list(ModuleConfig.objects.filter(kind="gateway", is_active=True).order_by("label"))
    if not active:
        yield _bad(_("Nobody can pay"), _("Connect a payment gateway, or a bank account for transfers."), address("module_list"))
    seen = dict(
        GatewayEvent.objects.filter(gateway__in=active).values_list("gateway").annotate(last=Max("received_at")).order_by()
    )
    lately = set(
        Charge.objects.filter(gateway__in=active, succeeded_at__gt=clock.now() - WEEK)
        .order_by().values_list("gateway_id", flat=True).distinct()
    )  # fmt: skip
    for module in active:
        last, url = seen.get(module.pk), address("module_edit", module.pk)
        hears = "webhook" in _capabilities(module)
        if hears and module.pk in lately and (last is None or last < clock.now() - WEEK):
            title = _("%(name)s: payments come in, but no webhook does") % {"name": module.label}
            yield _bad(title, _("Enter our webhook address at the gateway; until then payments are found an hour late."), url)


def _capabilities(module) -> frozenset:
    try:
        return modules.driver_class(module.kind, module.driver).capabilities
    except (AppError, ImportError):
        return frozenset()


def connections():
    """Tests of modules: failed, or too long ago to mean anything."""
    for module in ModuleConfig.objects.filter(is_active=True).exclude(driver="bank_transfer").order_by("kind", "label"):
        url = address("module_edit", module.pk)
        if module.test_error:
            yield _bad(_("%(name)s: the connection test failed") % {"name": module.label}, module.test_error[:200], url)
        elif module.tested_at is None or module.tested_at < clock.now() - MONTH:
            never = _("%(name)s: the connection was never tested") % {"name": module.label}
            tested = {"name": module.label, "ago": ago_words(module.tested_at)} if module.tested_at else {}
            title = _("%(name)s: the connection was tested %(ago)s") % tested if tested else never
            yield _warn(title, _("Press “Test the connection”: keys expire quietly."), url)


def prices():
    """Products that cannot be bought, or not by customers of a currency."""
    shown = Product.objects.filter(is_hidden=False)
    priced = Price.objects.filter(product=OuterRef("pk"), price_list=None, valid_from__lte=clock.today())
    url = address("billing_staff:product_list")
    for product in shown.filter(~Exists(priced))[:5]:
        yield _bad(_("%(product)s has no price") % {"product": product}, _("Nobody can order it: add a price or hide it."), url)
    base = COMPANY_CURRENCY.value
    used = set(Account.objects.order_by().values_list("currency", flat=True).distinct()) | {base}
    for currency in sorted(used):
        missing = shown.filter(Exists(priced), ~Exists(priced.filter(currency=currency))).count()
        if missing:
            words = ngettext("%(n)d product has no price in %(currency)s", "%(n)d products have no price in %(currency)s", missing)
            mend = _("Customers who pay in %(currency)s do not see them.") % {"currency": currency}
            yield _warn(words % {"n": missing, "currency": currency}, mend, url, _("Add prices"))


def tax():
    """A rate for sales at home."""
    country = COMPANY_COUNTRY.value
    if not TaxRate.objects.filter(country__in=[country, ""]).exists():
        title = _("No tax rate for %(country)s") % {"country": country}
        mend = _("Everything is sold without tax. Add the rate, or one of 0 % if you need not charge any.")
        yield _bad(title, mend, address("billing_staff:tax_rate_list"))
    rules = load_rules()
    if rules.at_destination and (missing := STATES - set(TaxRate.objects.values_list("country", flat=True))):
        title = _("EU states without a tax rate: %(states)s") % {"states": " ".join(sorted(missing))}
        mend = _("Consumers there are to pay their own country's VAT, and would pay the rate of every other country.")
        yield _bad(title, mend, address("billing_staff:tax_rate_list"), _("Add the rates of the EU"))
    if rules.scheme == "eu" and not is_well_formed(clean_vat_id(COMPANY_TAX_ID.value, country)):
        title = _("The company's VAT number is missing or wrong")
        mend = _("It stands on invoices, and makes an answer about a client's VAT number a proof.")
        yield _warn(title, mend, filtered("setting_list", group="company"), _("Enter it"))


def books():
    """The nightly verification of all invariants: gaps in numbering, sums, guards."""
    run = JobRun.objects.filter(name=BOOKS, state__in=["done", "failed"]).order_by("-slot").first()
    url = address("job_detail", BOOKS)
    if run is None:
        yield _warn(_("The books were never verified"), _("They are each night; run the job now if you like."), url, _("Run it"))
        return
    if run.slot < clock.now() - timedelta(days=2):
        yield _warn(_("The books were verified %(ago)s") % {"ago": ago_words(run.slot)}, _("It should happen each night."), url)
    for failure in run.failures[:5]:
        yield _bad(_("Books: %(what)s") % {"what": failure["label"]}, failure["error"], url, _("See the rows"))


# --- servers and mail ----------------------------------------------------------------------------------------------------


def servers():
    """Down, refusing, full."""
    for server in Server.objects.filter(Q(health="problem") | Q(stopped_since__isnull=False)).order_by("name")[:10]:
        kind, words, *_rest = server.state_words
        yield _bad(f"{server}: {words}", server.last_error[:200] or _("Test the connection."), server.get_absolute_url())
    free = Server.objects.open_for_new().filter(group=OuterRef("pk"))
    for group in ServerGroup.objects.filter(Exists(Server.objects.filter(group=OuterRef("pk"))), ~Exists(free))[:5]:
        title = _("No room left in %(group)s") % {"group": group}
        yield _bad(title, _("New orders wait. Add a server or raise a limit."), filtered("provisioning_staff:server_list", group=group.pk))
    nearly = Server.objects.filter(is_active=True, full_since=None, max_accounts__gt=0, account_count__lt=F("max_accounts"))
    for server in nearly.filter(account_count__gte=F("max_accounts") * 95 / 100).order_by("name")[:5]:
        title = _("%(server)s is nearly full: room for %(n)d") % {"server": server, "n": server.free_slots}
        yield _warn(title, _("Plan the next server."), server.get_absolute_url())


def mail():
    """Sender, and whether mails arrive."""
    sender = MAIL_FROM_EMAIL.value or settings.DEFAULT_FROM_EMAIL
    if sender.endswith("@hostbill.example"):
        title, url = _("Mails come from %(sender)s") % {"sender": sender}, filtered("setting_list", group="mail")
        yield _warn(title, _("Set an address of your own domain, with SPF and DKIM for the mail server."), url, _("Set the sender"))
    rows = Message.objects.filter(created_at__gt=clock.now() - WEEK, state__in=["failed", "bounced"])
    lost = rows[:1000].count()
    if lost:
        words = ngettext("%(n)d mail did not arrive this week", "%(n)d mails did not arrive this week", lost) % {"n": lost}
        last = rows.order_by("-pk").values_list("error", flat=True).first() or ""
        yield _warn(words, last[:200] or _("Look at the addresses."), filtered("message_list", tab="failed"))


# --- safety --------------------------------------------------------------------------------------------------------------


def secrets():
    """Keys that others know."""
    if settings.SECRET_KEY.lower().startswith(KNOWN_SECRETS) or len(settings.SECRET_KEY) < 32:
        yield _bad(_("HOSTBILL_SECRET_KEY is short or a known example"), _("Make one with 50 random characters; everybody signs in again."))
    if KNOWN_KEYS & set(settings.ENCRYPTION_KEYS):
        mend = _("Put a new key in front of it in HOSTBILL_ENCRYPTION_KEYS, then save each module once.")
        yield _bad(_("Stored passwords are encrypted with a known example key"), mend)


def exposure():
    """How the outside reaches us."""
    if settings.DEBUG:
        yield _bad(_("Debug mode is on"), _("Unset HOSTBILL_DEBUG: error pages show code and settings to everybody."))
    if not settings.HTTPS:
        mend = _("Set HOSTBILL_URL to the https address and put a TLS proxy in front (docs/operations.md, section 2).")
        yield _warn(_("The public address is not protected: %(url)s") % {"url": settings.SITE_URL}, mend)
    if "*" in settings.ALLOWED_HOSTS:
        yield _warn(_("Any host name is accepted"), _("Name your own in HOSTBILL_ALLOWED_HOSTS."))
    if settings.SANDBOX:
        yield _warn(_("This is the sandbox"), _("No real money and no real servers. Install without HOSTBILL_SANDBOX to sell."))


def people():
    """Logins of the console without a second factor."""
    factors = Authenticator.objects.filter(user=OuterRef("pk"))
    bare = User.objects.staff().filter(~Exists(factors), is_active=True).count()
    if bare:
        words = ngettext("%(n)d colleague signs in with a password only", "%(n)d colleagues sign in with a password only", bare)
        mend = _("Ask them to set up a second factor under Sign-in and security.")
        yield _warn(words % {"n": bare}, mend, address("clients_staff:user_list"), _("Who works here"))


def back_ups():
    """HostBill cannot see back-ups made beside it, unless the script leaves a sign."""
    sign = Path(settings.VAR) / "backup"
    if settings.SANDBOX:
        return
    if not sign.exists():
        mend = _("Install the daily script of docs/operations.md, section 4; its last line leaves a sign here.")
        yield _warn(_("No back-up is known"), mend)
    elif clock.real_now().timestamp() - sign.stat().st_mtime > 2 * 86400:
        yield _bad(_("The last back-up is older than two days"), _("Read the log of the back-up script; is its disk full?"))


MACHINERY, MONEY = gettext_lazy("Machinery"), gettext_lazy("Money")
OUTSIDE, SAFETY = gettext_lazy("Servers and mail"), gettext_lazy("Safety")
CHECKS = (
    Check(MACHINERY, gettext_lazy("Broker, clock and worker run"), processes),
    Check(MACHINERY, gettext_lazy("All jobs ran at their times"), jobs_on_time),
    Check(MACHINERY, gettext_lazy("Nothing waits for long or was given up"), queues),
    Check(MACHINERY, gettext_lazy("No lane rests or is stopped"), lanes),
    Check(MACHINERY, gettext_lazy("The search has its indexes"), word_indexes),
    Check(MACHINERY, gettext_lazy("The disk has room"), disk),
    Check(MONEY, gettext_lazy("Customers can pay, and we hear of it"), ways_to_pay),
    Check(MONEY, gettext_lazy("Every product has its prices"), prices),
    Check(MONEY, gettext_lazy("There is a tax rate at home"), tax),
    Check(MONEY, gettext_lazy("The books were verified and are right"), books),
    Check(OUTSIDE, gettext_lazy("Connections were tested lately and are good"), connections),
    Check(OUTSIDE, gettext_lazy("Servers answer and have room"), servers),
    Check(OUTSIDE, gettext_lazy("Mails arrive, from an address of our own"), mail),
    Check(SAFETY, gettext_lazy("Secrets are our own"), secrets),
    Check(SAFETY, gettext_lazy("The outside reaches us safely"), exposure),
    Check(SAFETY, gettext_lazy("Everybody has a second factor"), people),
    Check(SAFETY, gettext_lazy("Back-ups are made"), back_ups),
)


def examine() -> list[Result]:
    """Every check, in order. A check that breaks is itself a finding."""
    results = []
    for check in CHECKS:
        try:
            found = list(check.find())
        except (ImproperlyConfigured, OSError) as error:
            found = [_bad(str(check.well), f"{type(error).__name__}: {error}")]
        results.append(Result(check, found))
    return results


class HealthPage(StaffView, View):
    """Beside /healthz: for people, with the way to mend each thing."""

    permission = "core.queue.view"

    def get(self, request):
        """Looked at anew each time; what is wrong stands first."""
        results = examine()
        actor, found = request.actor, [(result.check.topic, finding) for result in results for finding in result.findings]
        problems = [(topic, replace(finding, url=open_to(actor, finding.url))) for topic, finding in found]
        problems.sort(key=lambda pair: pair[1].kind != "failed")
        bad = sum(finding.kind == "failed" for _topic, finding in problems)
        context = {
            "page_title": headline(bad, len(problems) - bad),
            "problems": problems,
            "well": [result.check for result in results if not result.findings],
            "now": clock.now(),
        }
        return render(request, "pages/health.html", context)


def headline(bad: int, warnings: int) -> str:
    """The answer first."""
    if bad:
        return ngettext("%(n)d thing is wrong", "%(n)d things are wrong", bad) % {"n": bad}
    if warnings:
        return ngettext("All runs; %(n)d thing should be looked at", "All runs; %(n)d things should be looked at", warnings) % {
            "n": warnings
        }
    return _("All is well")


urls = [path("staff/health/", HealthPage.as_view(), name="staff_health")]
