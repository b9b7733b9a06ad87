"""What stands around every page: menus, counters, quick create, the jobs' heartbeat. All lazy: unused parts cost nothing."""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from django.core.cache import cache
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.queries.catalogue import shelves
from billing.queries.shop_pages import address_of, footer_links
from billing.views.store.visitor import lines_in_cart
from hostbill.core import clock
from hostbill.core.access import VISITOR
from hostbill.core.doors import open_to
from hostbill.core.models import JobRun
from hostbill.core.options import COMPANY_CITY, COMPANY_LEGAL_NAME, COMPANY_NAME, COMPANY_PHONE
from hostbill.core.templatetags.kept import hashable
from hostbill.core.ui.words import ago_words
from hostbill.pages import bell
from hostbill.pages.guide import guide_band
from hostbill.pages.job_words import late_jobs

#: Seconds for which the menu's counters are kept: they are hints, the lists behind them are exact.
COUNTER_SECONDS = 15


@dataclass(frozen=True, eq=False)
class Place:
    """One entry of a menu. ``key``: letter after G. ``permission``: who sees it; empty for all staff. ``also``: pages
    elsewhere that belong to it."""

    label: str
    route: str
    icon: str
    key: str = ""
    permission: str = ""
    also: tuple = ()
    group: str = ""


@dataclass(frozen=True)
class Shown:
    """A place as drawn for one request."""

    label: str
    url: str
    icon: str
    key: str = ""
    current: bool = False
    count: int = 0
    group: str = ""


STAFF_PLACES = (
    Place(gettext_lazy("Home"), "staff_home", "home", "h"),
    Place(gettext_lazy("Clients"), "clients_staff:client_list", "users", "c", "clients.client.view"),
    Place(gettext_lazy("Orders"), "billing_staff:order_list", "shopping-cart", "o", "billing.order.view"),
    Place(
        gettext_lazy("Services"), "provisioning_staff:service_list", "world", "s", "provisioning.service.view",
        also=("billing_staff:subscription_list",),
    ),  # fmt: skip
    Place(
        gettext_lazy("Invoices"),
        "billing_staff:invoice_list",
        "file-invoice",
        "i",
        "billing.invoice.view",
        also=("billing_staff:credit_note_list", "billing_staff:einvoice_list", "billing_staff:quote_list", "billing_staff:billable_list",
              "billing_staff:ageing"),
    ),
    Place(
        gettext_lazy("Payments"), "billing_staff:payment_list", "cash", "p", "billing.payment.view",
        also=("billing_staff:bank_line_list",),
    ),
    Place(gettext_lazy("Tickets"), "support_staff:ticket_list", "message-circle", "t", "support.ticket.view"),
    Place(gettext_lazy("Servers"), "provisioning_staff:server_list", "server-2", "v", "provisioning.server.view"),
    Place(
        gettext_lazy("Reports"),
        "staff_reports",
        "chart-bar",
        "r",
        "billing.ledger.view",
        also=("billing_staff:trial_balance", "billing_staff:ledger_account_list", "billing_staff:journal_entry_list",
              "billing_staff:ledger_period_list", "billing_staff:journal_export", "billing_staff:tax_report",
              "billing_staff:preview_list"),
    ),
)
STAFF_TABS = (
    STAFF_PLACES[0],
    STAFF_PLACES[4],
    Place(gettext_lazy("Search"), "search", "search"),
    STAFF_PLACES[6],
)
QUICK_CREATE = (
    Place(gettext_lazy("Client"), "clients_staff:client_create", "user-plus", permission="clients.client.edit"),
    Place(gettext_lazy("Order"), "billing_staff:order_create", "shopping-cart", permission="billing.order.create"),
    Place(gettext_lazy("Invoice"), "billing_staff:invoice_create", "file-invoice", permission="billing.invoice.create"),
    Place(gettext_lazy("Quote"), "billing_staff:quote_create", "notes", permission="billing.quote.edit"),
    Place(gettext_lazy("Payment"), "billing_staff:payment_match", "cash", permission="billing.payment.book"),
    Place(gettext_lazy("Ticket"), "support_staff:ticket_create", "message-plus", permission="support.ticket.edit"),
    Place(gettext_lazy("Product"), "billing_staff:product_create", "package", permission="billing.product.edit"),
    Place(
        gettext_lazy("Server"), "provisioning_staff:server_create", "server-2", permission="provisioning.server.edit"
    ),
)
HOUSE, RUNS, PROGRAMS = gettext_lazy("The house"), gettext_lazy("What runs by itself"), gettext_lazy("Programs of others")
PEOPLE, YOU = gettext_lazy("People"), gettext_lazy("You")
STAFF_PERSONAL = (
    Place(gettext_lazy("Products and prices"), "billing_staff:product_list", "package", "", "billing.product.view", group=HOUSE),
    Place(gettext_lazy("Settings"), "setting_list", "settings", "", "core.setting.edit", group=HOUSE),
    Place(gettext_lazy("Number series"), "billing_staff:series_list", "list-check", "", "billing.series.edit", group=HOUSE),
    Place(gettext_lazy("Brand and shop front"), "brand_edit", "flag", "", "core.setting.edit", group=HOUSE),
    Place(gettext_lazy("Set-up guide"), "setup_guide", "list-check", "", "core.setting.edit", group=HOUSE),
    Place(gettext_lazy("Rules"), "rule_list", "route", "", "core.rule.view", group=RUNS),
    Place(gettext_lazy("Health"), "staff_health", "lifebuoy", "", "core.queue.view", group=RUNS),
    Place(gettext_lazy("Queues and jobs"), "job_list", "arrows-exchange", "", "core.queue.view", group=RUNS),
    Place(gettext_lazy("Messages"), "message_list", "mail", "", "core.message.view", group=RUNS),
    Place(gettext_lazy("Activity"), "activity_list", "history", "", "core.activity.view", group=RUNS),
    Place(gettext_lazy("People who work here"), "clients_staff:user_list", "users", "", "clients.user.view", group=PEOPLE),
    Place(gettext_lazy("Staff roles"), "clients_staff:role_list", "key", "", "clients.user.view", group=PEOPLE),
    Place(gettext_lazy("Departments"), "support_staff:department_list", "message-circle", "", "support.department.view", group=PEOPLE),
    Place(gettext_lazy("Modules"), "module_list", "plug", "", "core.module.edit", group=PROGRAMS),
    Place(gettext_lazy("API tokens"), "clients_staff:api_token_list", "plug", "", "clients.api_token.edit", group=PROGRAMS),
    Place(gettext_lazy("API credentials"), "whmcs:api_credential_list", "plug", "", "clients.api_credential.edit", group=PROGRAMS),
    Place(gettext_lazy("Webhooks"), "clients_staff:webhook_list", "send", "", "core.webhook.view", group=PROGRAMS),
    Place(gettext_lazy("Sign-in and security"), "mfa_index", "shield-lock", group=YOU),
)
PORTAL_PLACES = (
    Place(gettext_lazy("Home"), "portal_home", "home"),
    Place(
        gettext_lazy("Services"),
        "provisioning_portal:service_list",
        "server-2",
        also=("billing_portal:subscription_detail", "billing_portal:transfer_list"),
    ),
    Place(
        gettext_lazy("Invoices"),
        "billing_portal:invoice_list",
        "file-invoice",
        also=("billing_portal:payment_method_list", "billing_portal:statement", "billing_portal:quote_list",
              "billing_portal:credit_note_list"),
    ),
    Place(gettext_lazy("Support"), "support_portal:ticket_list", "message-circle"),
    Place(
        gettext_lazy("Account"),
        "clients_portal:profile",
        "user-circle",
        also=("clients_portal:client_edit", "clients_portal:member_list", "clients_portal:message_list", "portal_tax",
              "clients_portal:webhook_list",
              "mfa_index", "usersessions_list", "account_email", "account_change_password"),
    ),
)
PORTAL_PERSONAL = (
    Place(gettext_lazy("Profile"), "clients_portal:profile", "user-circle"),
    Place(gettext_lazy("Payment methods"), "billing_portal:payment_method_list", "credit-card"),
    Place(gettext_lazy("Sign-in and security"), "mfa_index", "shield-lock"),
    Place(gettext_lazy("Shop"), "store:plans", "shopping-bag"),
)

#: What the search can be narrowed to.
SEARCH_SCOPES = (
    ("", gettext_lazy("Everywhere")),
    ("clients", gettext_lazy("Clients")),
    ("services", gettext_lazy("Services")),
    ("papers", gettext_lazy("Papers")),
    ("do", gettext_lazy("Do")),
)

_counters: dict = {}


def counter(route: str):
    """Decorator for ``f() -> int``: how many objects of a menu place wait for a person."""

    def register(count):
        _counters[route] = count
        return count

    return register


@lru_cache
def find_url(route: str) -> str:
    """The address (what stands before the number, where it is about one object), or nothing while no app offers the route."""
    for number in ((), (0,)):
        try:
            return reverse(route, args=number).removesuffix("0/" if number else "")
        except NoReverseMatch:
            continue
    return ""


def place_of(found, path: str) -> str:
    """The address of the place to which a path belongs: the longest of its own and its `also` that the path begins with."""
    parts = [(part, url) for place, url in found for part in (url, *map(find_url, place.also)) if part]
    return max(((part, url) for part, url in parts if path.startswith(part)), key=lambda one: len(one[0]), default=("", ""))[1]


def shown(places, request, counts=None) -> list[Shown]:
    """The places this person may see, the current one marked."""
    actor = getattr(request, "actor", VISITOR)  # a request refused early (wrong host) never got one
    found = [(place, find_url(place.route)) for place in places if not place.permission or actor.may(place.permission)]
    found = [(place, url) for place, url in found if url]
    here = place_of(found, request.path)
    homes = {find_url("staff_home"), find_url("portal_home")}
    counts = counts or {}
    return [
        Shown(
            label=str(place.label),
            url=url,
            icon=place.icon,
            key=place.key,
            current=url == here and (url not in homes or request.path == url),
            count=counts.get(place.route, 0),
            group=str(place.group),
        )
        for place, url in found
    ]


def counts() -> dict[str, int]:
    """How many objects of each menu place wait."""
    return {route: count() for route, count in _counters.items()}


def pulse() -> tuple:
    """When the last job began (None without any), and how many are late."""
    last = JobRun.objects.order_by("-pk").values_list("started_at", flat=True).first()
    return last, len(late_jobs())


def hints(request) -> dict:
    """Figures of the console's frame, kept for a moment: what waits behind each place, the jobs' pulse, the bell."""
    if not hasattr(request, "hints"):
        bell_key = bell.cache_key(request.actor)
        makers = {
            "frame.counters": (counts, COUNTER_SECONDS),
            "frame.pulse": (pulse, COUNTER_SECONDS),
            bell_key: (lambda: bell.count_new(request.actor), bell.COUNT_SECONDS),
        }
        found = cache.get_many(makers)
        for key, (make, seconds) in makers.items():
            if key not in found:
                found[key] = make()
                cache.set(key, found[key], seconds)
        request.hints = {"counters": found["frame.counters"], "pulse": found["frame.pulse"], "unread": found[bell_key]}
    return request.hints


def heartbeat(request) -> dict:
    """Whether the jobs run: green when one began lately and none is late; the way to them for those who may look."""
    url = open_to(request.actor, find_url("job_list"))
    started, late = hints(request)["pulse"]
    if started is None:
        return {"well": False, "words": _("No job has run yet"), "url": url}
    well = clock.now() - started < timedelta(minutes=30) and not late
    words = _("All jobs on time, last run %(ago)s") if well else _("Jobs are late, last run %(ago)s")
    return {"well": well, "words": words % {"ago": ago_words(started)}, "url": url}


def staff_tabbar(request) -> list[Shown]:
    """Four places in thumb reach; the fifth is "More"."""
    return shown(STAFF_TABS, request, hints(request)["counters"])


def staff_key(request) -> tuple:
    """All that the console's frame depends on besides brand and theme, so that it is drawn once and kept: see `kept`."""
    if not hasattr(request, "staff_key"):
        request.staff_key = hashable(_staff_key(request))
    return request.staff_key


def _staff_key(request) -> tuple:
    actor = request.actor
    person = (actor.permissions, actor.superuser, actor.label, request.user.email)
    return (*person, *marked((*STAFF_PLACES, *STAFF_TABS), request.path), heartbeat(request), hints(request))


def marked(places, path: str) -> tuple[str, bool]:
    """Which of the places a page belongs to, and whether it is the place itself: all that the menus depend on."""
    here = place_of([(place, find_url(place.route)) for place in places], path)
    return here, here == path


#: Groups named in the shop's head; the rest are on its home page.
MOST_SHELVES = 5


def store_menu(request) -> list[Shown]:
    """The shop's groups and its help page."""
    groups = shelves()[:MOST_SHELVES]
    places = [(group.name, reverse("store:group", args=[group.slug]), "server-2") for group in groups]
    places.append((_("Help"), address_of("help"), "help-circle"))
    return [Shown(label, url, icon, current=request.path.startswith(url)) for label, url, icon in places]


def cart_label(request) -> str:
    """The basket, with how much is in it."""
    count = lines_in_cart(request)
    return _("Basket (%(count)d)") % {"count": count} if count else _("Basket")


def company_line() -> str:
    """Who stands behind the shop: at the foot of its pages."""
    house = (COMPANY_LEGAL_NAME.value or COMPANY_NAME.value, COMPANY_CITY.value)
    return ", ".join(part for part in house if part)


def _accounts(request) -> list:
    model = type(request.client._wrapped) if isinstance(request.client, SimpleLazyObject) else type(request.client)
    ids = request.actor.client_ids
    if list(ids) == [request.client.pk]:
        return [request.client]
    return list(model.objects.filter(pk__in=ids).order_by("pk")[:50])


def account_frame(request) -> str:
    """Which frame the sign-in pages of a signed-in person use."""
    if not request.user.is_authenticated:
        return "base/auth.html"
    return (
        "base/staff.html"
        if request.actor.kind == "staff"
        else "base/portal.html"
        if request.client
        else "base/auth.html"
    )


def frame_context(request) -> dict:
    """Added to every template; each value is worked out only when a frame shows it."""

    def lazy(make):
        return SimpleLazyObject(make)

    return {
        "here": lazy(request.get_full_path),
        "staff_key": lambda: staff_key(request),
        "staff_menu": lazy(lambda: shown(STAFF_PLACES, request, hints(request)["counters"])),
        "staff_tabbar": lazy(lambda: staff_tabbar(request)),
        "staff_personal": lazy(lambda: shown(STAFF_PERSONAL, request)),
        "quick_create": lazy(lambda: shown(QUICK_CREATE, request)),
        "portal_key": lambda: marked(PORTAL_PLACES, request.path),
        "portal_menu": lazy(lambda: shown(PORTAL_PLACES, request)),
        "portal_personal": lazy(lambda: shown(PORTAL_PERSONAL, request)),
        "portal_accounts": lazy(lambda: _accounts(request) if request.client else []),
        "store_menu": lazy(lambda: store_menu(request)),
        "footer_links": lazy(footer_links),
        "company_line": lazy(company_line),
        "help_url": lazy(lambda: address_of("help")),
        "help_phone": lazy(lambda: COMPANY_PHONE.value),
        "heartbeat": lazy(lambda: heartbeat(request)),
        "guide_band": lazy(lambda: guide_band(request)),
        "switch_url": find_url("clients_portal:client_switch"),
        "search_url": find_url("search"),
        "search_scopes": SEARCH_SCOPES,
        "unread": lazy(lambda: hints(request)["unread"]),
        "staff_home_url": find_url("staff_home"),
        "portal_home_url": find_url("portal_home"),
        "cart_url": find_url("store:cart"),
        "cart_label": lazy(lambda: cart_label(request)),
        "account_frame": lazy(lambda: account_frame(request)),
        "menu_narrow": request.COOKIES.get("menu") == "narrow",
    }
