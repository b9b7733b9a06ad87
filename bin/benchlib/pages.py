"""Pages of a large company over real HTTP: `python -m benchlib.pages URL ROUNDS`, in the environment of the measured installation.

Every list of the console (first page, each tab, a filter, a search, deep inside), the client page, the homes and the search are
asked for in turn with the bare view of ``bench_urls``, so that other programs on the machine slow all of them alike. A page meets
its target when its 95th percentile is within three times that of the bare view; a search when it takes less than 100 ms.
"""

import http.client
import statistics
import sys
import time
from dataclasses import dataclass, field
from importlib import import_module
from urllib.parse import quote, urlencode, urlsplit

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.db import connection as database  # noqa: E402
from django.urls import get_resolver, reverse  # noqa: E402

from benchlib.world import STAFF_EMAIL  # noqa: E402
from billing.models import Invoice, Payment  # noqa: E402
from clients.models import Client, Membership, User  # noqa: E402
from hostbill.core.crud import StaffListView, paging  # noqa: E402
from hostbill.core.crud.filters import Choice  # noqa: E402
from hostbill.core.crud.state import ROW_CHOICES  # noqa: E402
from hostbill.pages.reports import REPORTS  # noqa: E402
from provisioning.models import Service  # noqa: E402
from support.models import Ticket  # noqa: E402

RATIO, SEARCH_MS = 3, 100
WARM_UPS = 2
#: The bare views are asked for again after so many pages: all others are judged by their 95th percentile, so it must hold still.
BARE_EVERY = 12
BARE = "bench/bare"


@dataclass
class Page:
    """An address and how long it took, in ms, each time."""

    name: str
    url: str
    cookie: str = ""
    kind: str = "page"
    times: list = field(default_factory=list)
    trouble: str = ""
    size: int = 0

    @property
    def p50(self) -> float:
        return statistics.median(self.times)

    @property
    def p95(self) -> float:
        return sorted(self.times)[max(0, -(-len(self.times) * 95 // 100) - 1)]


def main(base: str, rounds: int) -> int:
    """Returns 0 when every target was met."""
    with database.cursor() as cursor:
        cursor.execute("ANALYZE")  # a kept company may have got new columns and indexes since
    pages = all_pages()
    server = urlsplit(base)
    connection = http.client.HTTPConnection(server.hostname, server.port, timeout=120)
    for _round in range(WARM_UPS):
        for page in pages:
            ask(connection, page, keep=False)
    *bares, rest = *pages[:2], pages[2:]
    for _round in range(rounds):
        for place, page in enumerate(rest):
            for bare in bares if place % BARE_EVERY == 0 else ():
                ask(connection, bare, keep=True)
            ask(connection, page, keep=True)
    return judge(*bares, rest)


def all_pages() -> list[Page]:
    """The two bare views first, then every page that has a target."""
    staff, client = sign_in(User.objects.get(email=STAFF_EMAIL)), sign_in(Membership.objects.order_by("pk").first().user)
    bare = Page(BARE, "/bench/bare/?number=C-20001", staff, "bare")
    table = Page("bench/list", "/bench/list/", staff, "bare")
    return [bare, table, *lists(staff), *singles(staff), *searches(staff), Page("client home", reverse("portal_home"), client)]


def sign_in(user) -> str:
    """The cookie of a session, made without the sign-in page."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def ask(connection, page: Page, keep: bool) -> None:
    """One request, read to its end; anything but 200 is trouble."""
    if page.trouble:
        return
    began = time.perf_counter()
    connection.request("GET", page.url, headers={"Cookie": page.cookie, "Host": f"{connection.host}:{connection.port}"})
    answer = connection.getresponse()
    page.size = len(answer.read())
    spent = (time.perf_counter() - began) * 1000
    if answer.status != 200:
        page.trouble = f"answers {answer.status}"
    if keep:
        page.times.append(spent)


def lists(cookie: str):
    """Every list of the console, in the ways in which people use it."""
    word = Client.objects.order_by("pk")[38].last_name
    for route, view in staff_lists():
        url = reverse(route)
        yield Page(f"{route}", url, cookie)
        for tab in view.tabs[1:]:
            yield Page(f"{route} tab {tab.key}", f"{url}?tab={tab.key}", cookie)
        choice = next((item for item in view.filters if isinstance(item, Choice)), None)
        if choice and (values := [value for value, _label in choice_values(choice) if value]):
            yield Page(f"{route} filtered", f"{url}?{urlencode({choice.key: values[0]})}", cookie)
        if view.search:
            yield Page(f"{route} searched", f"{url}?q={quote(word)}", cookie)
        if cursor := deep(view):
            yield Page(f"{route} deep", f"{url}?{urlencode({'after': cursor})}", cookie)


def staff_lists():
    """(route, view) of every list at an address of its own."""
    found = {}
    for prefix, patterns in walk(get_resolver(), ""):
        for pattern in patterns:
            view = getattr(pattern.callback, "view_class", None)
            if view and issubclass(view, StaffListView) and not pattern.pattern.converters and pattern.name:
                found[f"{prefix}{pattern.name}"] = view
    return sorted(found.items())


def walk(resolver, prefix):
    """(namespace, patterns) of the whole tree."""
    yield prefix, [each for each in resolver.url_patterns if hasattr(each, "callback")]
    for each in resolver.url_patterns:
        if hasattr(each, "url_patterns") and not each.pattern.converters:
            yield from walk(each, f"{prefix}{each.namespace}:" if each.namespace else prefix)


def choice_values(choice):
    """The filter's choices, whatever they are declared as."""
    choices = choice.choices() if callable(choice.choices) else choice.choices
    return list(getattr(choices, "choices", choices))


def deep(view) -> str:
    """A cursor in the middle of the list as it opens."""
    if not view.model:
        return ""
    order = paging.Order.parse(view.sort)
    middle = view.model.objects.count() // 2
    try:
        row = paging.ordered(view.model.objects.all(), order)[middle : middle + 1].first()
    except Exception:  # an order by something that only the view's own rows have
        return ""
    return paging.encode_cursor(paging.value_of(row, order.path), row.pk) if row and middle > ROW_CHOICES[0] else ""


def singles(cookie: str):
    """Pages of one object in the thick of it, and the homes."""
    client = Client.objects.order_by("pk")[Client.objects.count() // 2]
    invoice = Invoice.objects.filter(client=client).exclude(state="draft").first()
    service = Service.objects.filter(client=client).first()
    yield Page("staff home", reverse("staff_home"), cookie)
    yield Page("client page", client.get_absolute_url(), cookie)
    yield Page("invoice page", invoice.get_absolute_url(), cookie)
    yield Page("service page", service.get_absolute_url(), cookie)
    yield Page("notices", reverse("notice_list"), cookie)
    for report in REPORTS:
        yield Page(f"report {report}", f"{reverse('staff_reports')}?report={report}", cookie)
    if ticket := Ticket.objects.filter(client=client).first() or Ticket.objects.first():
        yield Page("ticket page", ticket.get_absolute_url(), cookie)


def searches(cookie: str):
    """What people type: names, parts, mistakes, numbers, nothing that is there."""
    client, payment = Client.objects.filter(company="").order_by("pk")[37], Payment.objects.order_by("pk").first()
    service, invoice = Service.objects.order_by("pk")[53], Invoice.objects.exclude(number=None).order_by("pk").first()
    name = client.last_name
    asked = {
        "nothing typed": "", "a letter": "a", "two letters": "su", "common syllable": "ber", "common word": "gmbh",
        "name": name, "first and last name": f"{client.first_name} {name}", "misspelt name": name[:2] + name[3:4] + name[2:3] + name[4:],
        "misspelt, long": f"{client.first_name} {name[:-1]}x", "address": client.email, "domain": service.domain,
        "part of domain": service.domain[2:9], "client number": client.number, "invoice number": invoice.number, "bare number": "4711",
        "beginning of numbers": "INV-", "amount": "11.90", "transaction": payment.remote_id, "nonsense": "xqzvwkjy", "screen": "tax rates",
        "long question": "please find the client who has the shop in the town by the sea and pays late",
    }  # fmt: skip
    for label, words in asked.items():
        yield Page(f"search {label}", f"{reverse('search')}?palette=1&q={quote(words)}", cookie, "search")


def judge(bare: Page, table: Page, pages: list[Page]) -> int:
    """Print the table; 0 when all is within its target."""
    print(f"\n{len(pages[0].times)} rounds, each page in turn; the bare views {len(bare.times)} times.")
    print(f"Bare view, one indexed query, one line: p50 {bare.p50:.1f} ms, p95 {bare.p95:.1f} ms")
    print(f"Bare list, one indexed query, 50 rows: p50 {table.p50:.1f} ms, p95 {table.p95:.1f} ms\n")
    print(f"{'page':52} {'p50':>7} {'p95':>7} {'bare':>6} {'list':>6} {'KB':>5}")
    missed = 0
    for page in pages:
        if page.trouble or not page.times:
            missed += 1
            print(f"{page.name:52} {page.trouble}  MISSED")
            continue
        ratio = page.p95 / bare.p95
        met = page.p95 < SEARCH_MS if page.kind == "search" else ratio <= RATIO
        missed += not met
        verdict = "met" if met else "MISSED"
        near = page.p95 / table.p95
        print(f"{page.name:52} {page.p50:7.1f} {page.p95:7.1f} {ratio:6.1f} {near:6.1f} {page.size / 1024:5.0f}  {verdict}")
    print(f"\n{len(pages) - missed} of {len(pages)} MET" + (f", {missed} MISSED" if missed else ""))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
