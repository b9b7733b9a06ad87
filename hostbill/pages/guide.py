"""From an empty installation to the first sale: each step looks at the data to say whether it is done, leads to its screen and
shows the way back there."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from billing.models import Invoice, Price, TaxRate
from billing.queries.vat_area import STATES
from hostbill.core import clock, options, preferences
from hostbill.core.access import StaffView
from hostbill.core.models import JobRun, Message, ModuleConfig, Setting
from hostbill.pages.health import check_broker
from hostbill.pages.links import address, filtered
from provisioning.models import Server

PERMISSION = "core.setting.edit"
HIDDEN = "guide.hidden"
SESSION = "guide_step"
#: Seconds for which the home page believes what it saw.
KEPT = 30


@dataclass(frozen=True)
class Step:
    """``done()`` asks the data; ``url()`` is the screen on which it is done."""

    key: str
    label: str
    why: str
    button: str
    done: Callable
    url: Callable
    #: A second screen that the step may need: (label, address).
    also: Callable = lambda: None


def _filled(*keys) -> bool:
    return all(options.find(key).value for key in keys)


def _brand_chosen() -> bool:
    return Setting.objects.filter(Q(key__startswith="brand.") | Q(key__in=["store.tagline", "store.intro"])).exists()


def _mail_sent() -> bool:
    sender = options.MAIL_FROM_EMAIL.value or settings.DEFAULT_FROM_EMAIL
    return not sender.endswith("@hostbill.example") and Message.objects.filter(state="sent").exists()


def _can_be_paid() -> bool:
    """A card gateway counts when its connection was tested and found good; a bank transfer needs no test."""
    ways = ModuleConfig.objects.filter(kind="gateway", is_active=True)
    return ways.filter(Q(driver="bank_transfer") | Q(tested_at__isnull=False, test_error="")).exists()


def _sells() -> bool:
    shown = {"product__is_hidden": False, "currency": options.COMPANY_CURRENCY.value}
    return Price.objects.filter(**shown).exists()


def _in_the_eu() -> bool:
    return str(options.COMPANY_COUNTRY.value) in STATES


def _first_tax_rate() -> str:
    """The form with the own country and today, which is what most begin with."""
    known = {"country": options.COMPANY_COUNTRY.value, "valid_from": clock.today()}
    return filtered("billing_staff:tax_rate_create", **known)


def _clockwork_runs() -> bool:
    return all(part["ok"] for part in check_broker().values()) and JobRun.objects.filter(state="done").exists()


STEPS = (
    Step(
        "company",
        gettext_lazy("Your company"),
        gettext_lazy("Name, address and e-mail stand on every invoice, and the law asks for them."),
        gettext_lazy("Fill in"),
        lambda: _filled("company.name", "company.address1", "company.postcode", "company.city", "company.email"),
        lambda: filtered("setting_list", group="company"),
    ),
    Step(
        "brand",
        gettext_lazy("Your brand"),
        gettext_lazy("Colour, logo and the words on the shop's first page: customers should know where they are."),
        gettext_lazy("Choose"),
        _brand_chosen,
        lambda: address("brand_edit") or filtered("setting_list", group="brand"),
    ),
    Step(
        "tax",
        gettext_lazy("Tax rates"),
        gettext_lazy("Without a rate everything is sold without tax. One rate for your country is enough to begin."),
        gettext_lazy("Add a rate"),
        lambda: TaxRate.objects.exists(),
        lambda: address("billing_staff:tax_rate_list") if TaxRate.objects.exists() else _first_tax_rate(),
        lambda: (_("All rates of the EU"), address("billing_staff:tax_rate_list")) if _in_the_eu() else None,
    ),
    Step(
        "terms",
        gettext_lazy("Terms of service"),
        gettext_lazy("Customers accept them when they order, and the accepted wording is kept with the order."),
        gettext_lazy("Write"),
        lambda: _filled("store.terms_text"),
        lambda: f"{address('brand_edit')}#id_store__terms_text",
    ),
    Step(
        "mail",
        gettext_lazy("Mail"),
        gettext_lazy("An address of your own as the sender, and one mail that really left: invoices and welcome mails need it."),
        gettext_lazy("Set the sender"),
        _mail_sent,
        lambda: filtered("setting_list", group="mail"),
        lambda: (_("Send a test mail"), address("template_edit", "core.test", "en")),
    ),
    Step(
        "payment",
        gettext_lazy("A way to pay"),
        gettext_lazy("Cards through Stripe, tested here with its own keys; or your bank account for transfers."),
        gettext_lazy("Connect"),
        _can_be_paid,
        lambda: address("module_list"),
    ),
    Step(
        "server",
        gettext_lazy("A server"),
        gettext_lazy("A cPanel or Plesk server on which accounts are made by themselves. The connection is tested when it is saved."),
        gettext_lazy("Connect a server"),
        lambda: Server.objects.filter(health="well", is_active=True).exists(),
        lambda: address("provisioning_staff:server_list" if Server.objects.exists() else "provisioning_staff:server_create"),
    ),
    Step(
        "product",
        gettext_lazy("A product with a price"),
        gettext_lazy("What the shop offers: its plan on the server, and a price in your own currency."),
        gettext_lazy("Make a product"),
        _sells,
        lambda: address("billing_staff:product_list" if Price.objects.exists() else "billing_staff:product_create"),
    ),
    Step(
        "clockwork",
        gettext_lazy("The clockwork"),
        gettext_lazy("Worker and clock run beside the web server: without them nothing is charged, sent or set up."),
        gettext_lazy("Look at the health page"),
        _clockwork_runs,
        lambda: address("staff_health"),
    ),
    Step(
        "order",
        gettext_lazy("A test order"),
        gettext_lazy("Order as a customer would, pay, and see the account come to be. Refund yourself afterwards."),
        gettext_lazy("Open the shop"),
        lambda: Invoice.objects.filter(kind="order", state__in=["paid", "refunded"]).exists(),
        lambda: address("store:plans"),
    ),
)


def find(key: str) -> Step:
    """Raises Http404."""
    step = next((step for step in STEPS if step.key == key), None)
    if step is None:
        raise Http404
    return step


def done_keys() -> list[str]:
    """The steps that the data says are done."""
    return [step.key for step in STEPS if step.done()]


def guide_for(actor) -> dict | None:
    """What the home page shows of the guide: nothing for those who may not set up, hid it, or when all is done."""
    if not actor.may(PERMISSION) or preferences.read(actor, HIDDEN):
        return None
    done = cache.get_or_set("guide.done", done_keys, KEPT)
    missing = [step for step in STEPS if step.key not in done]
    return {"done": len(done), "total": len(STEPS), "next": missing[0]} if missing else None


def _belongs(step: Step, path: str) -> bool:
    """Whether the path is in a place of the console (``/staff/servers/``) where the step is done."""
    screens = [step.url(), (step.also() or ("", ""))[1]]
    return path.split("/")[1:3] in [urlsplit(screen).path.split("/")[1:3] for screen in screens if screen]


def guide_band(request) -> dict | None:
    """On the screens of a step: which step it is, whether it is done by now, and the way back. Nothing on other places' pages."""
    key = request.session.get(SESSION) if hasattr(request, "session") else None
    step = next((step for step in STEPS if step.key == key), None)
    if step is None or not _belongs(step, request.path):
        return None
    done = step.done()
    following = STEPS[STEPS.index(step) + 1 :]
    place = {"label": step.label, "done": done, "number": STEPS.index(step) + 1, "total": len(STEPS)}
    return {**place, "also": None if done else step.also(), "next": next((s for s in following if not s.done()), None) if done else None}


class Guide(StaffView, View):
    """All steps, those to be done first in their order."""

    permission = PERMISSION

    def get(self, request):
        """Asked anew each time; coming back ends the step that was being done."""
        request.session.pop(SESSION, None)
        done = done_keys()
        cache.set("guide.done", done, KEPT)
        first = next((step.key for step in STEPS if step.key not in done), "")
        context = {
            "page_title": _("From nothing to the first sale") if first else _("Everything is ready to sell"),
            "lines": [(number, step, step.key in done, step.key == first) for number, step in enumerate(STEPS, 1)],
            "done": len(done),
            "total": len(STEPS),
            "percent": len(done) * 100 // len(STEPS),
            "hidden": bool(preferences.read(request.actor, HIDDEN)),
        }
        return render(request, "pages/guide.html", context)

    def post(self, request):
        """Hide it from the home page, or show it there again."""
        if request.POST.get("hide"):
            preferences.store(request.actor, HIDDEN, True)
            return redirect("staff_home")
        preferences.forget(request.actor, HIDDEN)
        return redirect("setup_guide")


class GuideStep(StaffView, View):
    """To the screen of a step; a band there leads back."""

    permission = PERMISSION

    def get(self, request, key):
        """Remembered in the session only."""
        step = find(key)
        request.session[SESSION] = step.key
        return redirect(step.url() or reverse("setup_guide"))


urls = [
    path("staff/setup/", Guide.as_view(), name="setup_guide"),
    path("staff/setup/<slug:key>/", GuideStep.as_view(), name="setup_guide_step"),
]
