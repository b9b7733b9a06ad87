"""Every mail as its reader gets it: sent through SMTP to the mail sandbox, opened from there in Chromium, wide and on a phone,
light and dark. Nothing scrolls sideways or is cut, axe finds nothing, one button leads to this installation, the text
part says the same, and the headers are those of a mail that a program wrote to one person."""

import os
import re
from datetime import time, timedelta
from pathlib import Path

import pytest
import requests
from django.conf import settings as django_settings

from billing.actions.account import open_account
from billing.actions.cancellation import cancel_subscription
from billing.actions.renewal import raise_renewals
from billing.models.cycle import add_months
from clients.actions.membership import invite_member
from hostbill.core import clock, options
from hostbill.core.access import SYSTEM
from hostbill.core.models import Message
from hostbill.core.notices import all_notices
from hostbill.core.notify import Recipient, notify, spoken_language
from hostbill.core.own_wording import sample_context
from hostbill.core.rules import run_rules, seed_defaults
from support.actions.ticket import assign_ticket, open_ticket, reply
from support.models import Department
from tests.billing.factories import active_subscription, make_product, make_tax_rate
from tests.billing.test_dunning import Quiet
from tests.factories import make_staff
from tests.provisioning.factories import buy_hosting, make_group, make_hosting, make_server

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.xdist_group("mails")]
AXE = (Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOKS = [(600, "light"), (600, "dark"), (390, "light"), (390, "dark")]
#: What the main job must send by itself; the others are sent with their samples.
MAIN_JOB = {
    "billing.invoice_issued",
    "billing.invoice_overdue",
    "billing.invoice_reminder",
    "billing.order_placed",
    "billing.payment_received",
    "billing.subscription_cancelled",
    "billing.subscription_ended",
    "billing.suspended_for_nonpayment",
    "billing.suspension_warning",
    "billing.termination_warning",
    "clients.invitation",
    "clients.password_reset",
    "clients.unknown_account",
    "provisioning.welcome",
    "support.ticket_answered",
    "support.ticket_assigned",
    "support.ticket_opened",
    "support.ticket_waits",
}
#: A folder to keep the pictures in, for looking at them.
PICTURES = os.environ.get("HOSTBILL_PICTURES")
#: A test, and what a colleague typed by hand: nothing is to be done here.
WITHOUT_BUTTON = {"core.test", "clients.letter", "clients.staff_letter"}
LOOK = """async rules => {
  const wide = document.documentElement.scrollWidth;
  const cut = [...document.querySelectorAll("td, p, h1, a, div")].filter(
    one => getComputedStyle(one).display !== "none" && one.offsetParent && one.scrollWidth > one.clientWidth + 1
      && one.clientWidth > 0 && getComputedStyle(one).display !== "inline").map(one => one.outerHTML.slice(0, 120));
  const found = await axe.run(document, {runOnly: {type: "tag", values: rules}, resultTypes: ["violations"]});
  return {wide, cut, found: found.violations.map(rule => `${rule.id}: ${rule.nodes.map(n => n.html.slice(0, 160)).join(" | ")}`),
    words: [...document.querySelectorAll(".card, .foot")].map(one => one.innerText).join("\\n"),
    buttons: [...document.querySelectorAll("a.press-link")].map(one => one.href),
    links: [...document.querySelectorAll("a")].map(one => one.href),
    pictures: [...document.images].map(one => one.naturalWidth)};
}"""


@pytest.fixture
def sink(sandbox, settings):
    """Mail really leaves by SMTP, to an empty sandbox."""
    sandbox.control("mail", "reset", {})
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = sandbox.mail.smtp_host, sandbox.mail.smtp_port
    options.set_option(options.find("company.email"), "help@nordhost.example", SYSTEM)
    options.set_option(options.find("company.iban"), "DE85999999990001234567", SYSTEM)
    return sandbox.mail.url


def received(url: str) -> list[dict]:
    """The mails in the sink, whole."""
    rows = requests.get(f"{url}/messages.json", timeout=10).json()
    return [requests.get(f"{url}/messages/{row['id']}.json", timeout=10).json() | {"id": row["id"]} for row in rows]


def header(mail: dict, name: str) -> str:
    return next((value for key, value in mail["headers"] if key.lower() == name.lower()), "")


def kind_of(mail: dict) -> str:
    return header(mail, "X-HostBill-Kind")


def live_the_main_job(cast, sandbox, client, drain, monkeypatch) -> None:
    """Orders, set-up, a renewal nobody pays until its end, a cancellation, a ticket, passwords, an invitation."""
    sandbox.control("whm", "reset", {})
    make_tax_rate("19")
    group = make_group()
    make_server(sandbox, group, hostname="fra-cp-03.example", nameservers=["ns1.host.example", "ns2.host.example"])
    start = make_hosting(group, name="Start hosting")
    buy_hosting(cast.alice_client, start, "sundarban-weaves-and-more-of-a-long-name.example.com")
    kept = active_subscription(cast.charlie_client, make_product(name="Domain watch"))
    cancel_subscription(kept, when="end", reason="moving", actor=SYSTEM)
    invite_member(cast.alice_client, actor=cast.alice_actor, email="new@people.example", areas=["billing"])
    desk = Department.objects.get_or_create(name="Support")[0]
    ticket = open_ticket(
        actor=cast.alice_actor,
        client=cast.alice_client,
        department=desk,
        subject="Mail is late",
        body="Since noon.\n\nPlease look.",
    )
    reply(ticket, actor=cast.stella_actor, body="We look. " + "https://example.com/" + "long" * 40)
    assign_ticket(
        ticket, actor=cast.stella_actor, user=make_staff("owner", email="sam@hostbill.example", name="Sam Holm")
    )
    for email in ("alice@weaves.example", "nobody@weaves.example"):
        client.post("/auth/password/reset/", {"email": email})
    drain()
    owe_and_lose(cast.alice_client, drain, monkeypatch)


def owe_and_lose(client, drain, monkeypatch) -> None:
    """A renewal stays unpaid: every rung of the ladder is mailed on its day."""
    seed_defaults()
    begin = clock.start_of(add_months(clock.today(), 1), time(5))
    raise_renewals(open_account(client), until=begin.date(), actor=SYSTEM)
    for day in (-3, 3, 7, 10, 14, 15, 38, 39, 45, 46, 47, 53):
        monkeypatch.setattr(clock, "now", lambda day=day: begin + timedelta(days=day))
        run_rules(clock.now(), Quiet())
        drain()


def send_the_rest(seen: set[str], drain, language="en") -> None:
    """What did not happen is sent as its preview shows it, with links of this installation."""
    for notice in all_notices():
        if notice.kind.startswith("tests.") or notice.kind in seen:
            continue
        values = sample_context(notice)
        links = {
            name: f"{django_settings.SITE_URL}/account/"
            for name, value in values.items()
            if str(value).startswith("https://www.e")
        }
        reader = Recipient("reader@people.example", "Lena Brandt", language)
        notify(notice.kind, to=reader, context=values | links, key=f"rest:{notice.kind}:{language}", language=language)
    drain()


def plain(text: str) -> str:
    """Words only, for comparing the two parts of a mail."""
    return re.sub(r"[\s>–-]+", "", re.sub(r" \(https?://\S+\)", "", text))


def faults(page, mail: dict, url: str, looks=LOOKS) -> list[str]:
    """What is wrong with one mail, in each look."""
    kind, wrong = kind_of(mail), []
    page.goto(f"{url}/messages/{mail['id']}/html")
    page.evaluate(AXE)
    for width, scheme in looks:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        seen = page.evaluate(LOOK, RULES)
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{kind}-{width}-{scheme}.png", full_page=True)
        wrong += [f"{kind} {width} {scheme}: {line}" for line in seen["found"] + seen["cut"]]
        if seen["wide"] > width:
            wrong.append(f"{kind} {scheme}: {seen['wide']} px wide at {width}")
    if len(seen["buttons"]) != (0 if kind in WITHOUT_BUTTON else 1):
        wrong.append(f"{kind}: buttons {seen['buttons']}")
    if not all(link.startswith(f"{django_settings.SITE_URL}/") for link in seen["buttons"]):
        wrong.append(f"{kind}: the button leads away: {seen['buttons']}")
    if not all(seen["pictures"]) or not seen["pictures"]:
        wrong.append(f"{kind}: a picture is missing")
    text = plain(mail["text"])
    wrong += [
        f"{kind}: not in the text part: {line}"
        for line in re.split(r"[\n\t]", seen["words"])
        if plain(line) not in text
    ]
    wrong += [f"{kind}: no link in the text part: {link}" for link in seen["buttons"] if link not in mail["text"]]
    return wrong + [f"{kind}: {line}" for line in wrong_headers(mail)]


def wrong_headers(mail: dict) -> list[str]:
    """Written by a program to one person: no list, no bulk, an own identity, answers to people."""
    wanted = {
        "Auto-Submitted": r"auto-generated",
        "X-Auto-Response-Suppress": r".+",
        "Message-ID": r"<[0-9a-f]{32}@[\w.-]+>",
        "Reply-To": r".*help@nordhost\.example.*",
        "Date": r".+\d{4} .+",
        "MIME-Version": r"1\.0",
    }
    wrong = [name for name, form in wanted.items() if not re.fullmatch(form, header(mail, name))]
    unwanted = ("List-Unsubscribe", "List-Id", "Precedence", "Bcc")
    wrong += [f"has {name}" for name in unwanted if header(mail, name)]
    return wrong + (["braces are left"] if "{{" in mail["subject"] + mail["text"] or "‹" in mail["text"] else [])


def test_every_mail_as_a_picture(cast, sandbox, sink, client, drain, monkeypatch, chromium):
    live_the_main_job(cast, sandbox, client, drain, monkeypatch)
    seen = {kind_of(mail) for mail in received(sink)}
    assert MAIN_JOB - seen == set()
    send_the_rest(seen, drain)
    assert not Message.objects.exclude(state="sent").exists()
    mails = {kind_of(mail): mail for mail in received(sink)}
    assert set(mails) == {notice.kind for notice in all_notices() if not notice.kind.startswith("tests.")}
    ids = [header(mail, "Message-ID") for mail in received(sink)]
    assert len(set(ids)) == len(ids)
    page = chromium.new_context(bypass_csp=True).new_page()
    wrong = [line for mail in mails.values() for line in faults(page, mail, sink)]
    page.context.close()
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("language", ["de", "ar"])
def test_mails_in_other_languages(language, cast, sink, drain, chromium):
    """Longer words and the other direction hold too; a kind without words of that language is not sent in it."""
    send_the_rest(set(), drain, language)
    page = chromium.new_context(bypass_csp=True).new_page()
    wrong = [line for mail in received(sink) for line in faults(page, mail, sink, looks=[(390, "dark")])]
    page.context.close()
    assert wrong == []
    spoken = {notice.kind for notice in all_notices() if spoken_language(notice, language) == language}
    assert len(spoken) > 20, "the catalogue is there"
