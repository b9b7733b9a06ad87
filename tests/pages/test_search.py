"""Search of the console: finds what people know, however spelt, shows only what the person may see, fast and in few queries."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.actions.invoice import cancel_invoice
from billing.models import JournalEntry, OrderLine, Quote
from clients.actions.client import create_client
from clients.models import Client, Contact, Membership, StaffRole
from hostbill.core import search
from hostbill.core.access import SYSTEM
from hostbill.core.models import Message
from provisioning.models import Service
from support.actions.ticket import open_ticket
from support.models import Department
from tests.billing.factories import make_order, pay, subscription_of
from tests.factories import UserFactory, make_staff

pytestmark = pytest.mark.django_db
MOST_QUERIES = 31


@pytest.fixture
def stella(client, cast):
    client.force_login(cast.stella)
    return client


def found(client, words, **more):
    """The results as the palette gets them."""
    answer = client.get(reverse("search"), {"q": words, "palette": "1", **more})
    assert answer.status_code == 200
    return answer.content.decode()


def make_client(number=0, **fields):
    fields = {
        "first_name": "",
        "last_name": "",
        "company": "",
        "email": f"p{number}@else.example",
        "currency": "EUR",
    } | fields
    return create_client(actor=SYSTEM, country="DE", **fields)


def test_staff_find_a_client_by_any_word_and_places_without_words(stella, cast):
    page = found(stella, "weaves hossain")
    assert cast.alice_client.get_absolute_url() in page and "Brandt" not in page
    assert reverse("staff_home") in found(stella, "")


@pytest.mark.parametrize("words", ["sunderban", "Sundraban", "sundarban weves", "Hosain"])
def test_spelling_does_not_matter(stella, cast, words):
    assert cast.alice_client.get_absolute_url() in found(stella, words)


@pytest.mark.parametrize("words", ["muller", "MÜLLER", "Müller", "mülle"])
def test_marks_and_case_do_not_matter(stella, words):
    assert make_client(last_name="Müller").get_absolute_url() in found(stella, words)


def test_a_rename_is_found_at_once_and_the_old_name_no_more(stella, cast):
    Client.objects.filter(pk=cast.alice_client.pk).update(
        company="Meghna Mills", first_name="", last_name="", email="m@m.example"
    )
    assert cast.alice_client.get_absolute_url() in found(stella, "meghna")
    assert cast.alice_client.get_absolute_url() not in found(stella, "sundarban weaves")


def test_whole_words_come_before_beginnings_and_parts(stella):
    part, start, whole = (make_client(n, company=name) for n, name in enumerate(["Joanna Inc", "Annabel", "Ann Shop"]))
    page = found(stella, "ann", **{"in": "clients"})
    assert (
        page.index(whole.get_absolute_url())
        < page.index(start.get_absolute_url())
        < page.index(part.get_absolute_url())
    )


def test_numbers_find_their_objects_first(stella, cast):
    order = make_order(cast.alice_client)
    payment = pay(order.invoice)
    invoice = order.invoice
    for words, url in (
        (invoice.number, invoice.get_absolute_url()),
        (f"#{invoice.number.lower()}", invoice.get_absolute_url()),
        (str(invoice.series_number), invoice.get_absolute_url()),
        (order.number, order.get_absolute_url()),
        (payment.remote_id, payment.get_absolute_url()),
        (payment.remote_id[:7], payment.get_absolute_url()),
        (cast.alice_client.number, cast.alice_client.get_absolute_url()),
        (cast.alice_client.number.removeprefix("C-"), cast.alice_client.get_absolute_url()),
    ):
        assert url in found(stella, words), words
    make_client(company=f"Shop {invoice.number}")
    page = found(stella, invoice.number)
    assert page.index(invoice.get_absolute_url()) < page.index("/staff/clients/"), "exact numbers come first"


def test_what_is_still_to_pay_finds_its_invoice(stella, cast):
    invoice = make_order(cast.alice_client).invoice
    for words in (
        f"{invoice.open_amount:.2f}",
        f"{invoice.open_amount:.2f}".replace(".", ","),
        f"{invoice.open_amount:.2f} EUR",
    ):
        assert invoice.get_absolute_url() in found(stella, words)


def test_domains_tickets_and_mails_are_found(stella, world_of_alice):
    service, ticket, message = world_of_alice
    assert service.get_absolute_url() in found(stella, "flying-carpet")
    assert service.get_absolute_url() in found(stella, "https://flying-carpets.example/shop")
    assert service.get_absolute_url() in found(stella, "fliyng carpets")
    assert ticket.get_absolute_url() in found(stella, "printer fire")
    assert ticket.get_absolute_url() in found(stella, ticket.number.lower())
    assert message.get_absolute_url() in found(stella, "someone@else.example")


@pytest.fixture
def world_of_alice(cast):
    """A service, a ticket and a mail."""
    subscription = subscription_of(make_order(cast.alice_client))
    service, _made = Service.objects.get_or_create(subscription=subscription, defaults={"client": cast.alice_client})
    service.domain = "flying-carpets.example"
    service.save()
    ticket = open_ticket(
        client=cast.alice_client,
        department=Department.objects.first(),
        subject="Printer on fire",
        body="x",
        actor=SYSTEM,
    )
    message = Message.objects.create(
        kind="x", key="x1", to_email="someone@else.example", subject="Hello", html="", text=""
    )
    return service, ticket, message


def test_screens_acts_settings_and_help_by_name(stella):
    assert reverse("billing_staff:invoice_create") in found(stella, "new invoice")
    assert reverse("rule_list") in found(stella, "rules")
    assert reverse("rule_list") in found(stella, "dunning")
    assert reverse("billing_staff:tax_rate_list") in found(stella, "vat")
    assert reverse("setting_list") in found(stella, "time zone")
    assert "#bank" in found(stella, "bank transfer")
    page = found(stella, "> weaves")
    assert "/staff/clients/" not in page


@pytest.mark.parametrize(
    ("words", "route"),
    [("invioces", "billing_staff:invoice_list"), ("setings", "setting_list"), ("ruels", "rule_list"), ("moduls", "module_list")],
)
def test_screens_are_found_however_spelt(stella, words, route):
    assert f'href="{reverse(route)}' in found(stella, words)
    assert f'href="{reverse(route)}' in found(stella, f"> {words}")


@pytest.fixture
def more(cast):
    """What lies around: a member, a contact, a paid order that nothing was set up of, a quote, a credit note."""
    order = make_order(cast.alice_client)
    OrderLine.objects.filter(order=order).update(label="only-ordered.example")
    member = UserFactory(email="zenobia@elsewhere.example", name="Zenobia Quill")
    Membership.objects.create(user=member, client=cast.alice_client, areas=["support"])
    Contact.objects.create(client=cast.alice_client, name="Ptolemy Ledgerman", email="books@third.example")
    fields = {"subject": "Zeppelin relaunch", "currency": "EUR", "valid_until": "2030-01-01", "number": "Q-77001"}
    quote = Quote.objects.create(client=cast.alice_client, **fields)
    pay(order.invoice)
    note = cancel_invoice(order.invoice, reason="wrong", actor=SYSTEM).credit_notes.get()
    return order, quote, note


def test_people_ordered_domains_papers_and_products_are_found(client, stella, cast, more):
    order, quote, note = more
    product, entry = order.lines.get().product, JournalEntry.objects.order_by("pk").last()
    cases = {
        "zenobia": cast.alice_client, "zenobia@elsewhere.example": cast.alice_client, "ptolemy": cast.alice_client,
        "books@third": cast.alice_client, "only-ordered": order, "zeppelin": quote, "Q-77001": quote,
        note.number: note, product.name: product, entry.key: entry,
    }  # fmt: skip
    for words, obj in cases.items():
        assert obj.get_absolute_url() in found(stella, words), words
    assert reverse("clients_staff:user_edit", args=[cast.stella.pk]) in found(stella, cast.stella.email)
    StaffRole.objects.create(code="nothing", name="Nothing", permissions=[])
    client.force_login(make_staff("nothing"))
    for words, obj in cases.items():
        assert f'href="{obj.get_absolute_url()}"' not in found(client, words), words


def test_each_group_asks_for_its_own_right(client, cast, world_of_alice):
    service, ticket, message = world_of_alice
    urls = [cast.alice_client, service, ticket, message, *service.subscription.client.invoices.all()]
    urls = [obj.get_absolute_url() for obj in urls]
    StaffRole.objects.create(code="nothing", name="Nothing", permissions=[])
    client.force_login(make_staff("nothing"))
    for words in (
        "weaves",
        "sunderban",
        "carpet",
        "printer",
        "someone@else",
        "2",
        "settings",
        "new invoice",
        service.domain,
    ):
        page = found(client, words)
        assert not [url for url in urls if url in page], words
        assert reverse("setting_list") not in page and reverse("billing_staff:invoice_create") not in page


def test_only_tickets_for_who_may_only_see_tickets(client, cast, world_of_alice):
    _service, ticket, _message = world_of_alice
    StaffRole.objects.create(code="talker", name="T", permissions=["support.ticket.view"])
    client.force_login(make_staff("talker"))
    assert ticket.get_absolute_url() in found(client, "printer")
    assert cast.alice_client.get_absolute_url() not in found(client, "weaves")


def test_private_mails_stay_private(client, cast):
    private = Message.objects.create(
        kind="x",
        key="p",
        to_email="alice@weaves.example",
        subject="Reset zebra",
        html="",
        text="",
        subject_kind=Message.PRIVATE,
    )
    client.force_login(make_staff("support-agent"))
    assert private.get_absolute_url() not in found(client, "zebra")


ODD = ["%", "_", "'", '"', "\\", "%%%", "a_c", "\x00", "<script>alert(1)</script>", "x" * 5000, "🧵", "' OR 1=1 --", "(((", "..", ">", "#",
       "  ", "9" * 40, "1,1", "0.00", "İ", "ß", "-", "a b c d e f g h i j k", "%s %(x)s {0}"]  # fmt: skip


@pytest.mark.parametrize("words", ODD, ids=range(len(ODD)))
def test_odd_words_do_no_harm_and_find_nothing_by_accident(stella, cast, words):
    for scope in ("", "clients", "services", "papers", "do", "nowhere"):
        page = found(stella, words, **{"in": scope})
        assert "<script>alert" not in page
    if words in ("%", "_", "%%%", "a_c", "' OR 1=1 --"):
        assert cast.alice_client.get_absolute_url() not in found(stella, words), "a wildcard is a letter here"
    assert stella.get(reverse("search"), {"q": words}).status_code == 200


def test_clients_have_no_search(client, cast):
    assert client.get(reverse("search")).status_code == 302
    client.force_login(cast.alice)
    assert client.get(reverse("search")).status_code == 403


def test_queries_do_not_grow_with_what_is_found(stella, cast):
    def count(words):
        with CaptureQueriesContext(
            connection,
        ) as caught:
            found(stella, words)
        return len(caught)

    make_order(cast.alice_client)
    count("weaves")
    few = count("weaves")
    for number in range(12):
        make_order(make_client(number, company=f"Weaves {number}"))
    assert count("weaves") <= few <= MOST_QUERIES


def test_without_the_extension_everything_but_spelling_works(stella, cast, monkeypatch):
    monkeypatch.setattr(search, "has_extension", lambda: False)
    assert cast.alice_client.get_absolute_url() in found(stella, "weaves")
    assert cast.alice_client.get_absolute_url() not in found(stella, "sunderban")


def test_every_word_index_is_there():
    assert search.has_extension() and search.missing_indexes() == []
    with connection.cursor() as cursor:
        for model in search.searched_models():
            cursor.execute("SELECT set_config('enable_seqscan', 'off', true)")
            sql, params = search.matching(model.objects.order_by(), "weaves").query.sql_with_params()
            cursor.execute("EXPLAIN " + sql, params)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert model.SEARCH.index in plan, f"{model.__name__}: the index does not fit the question\n{plan}"


def test_health_tells_how_to_mend_missing_indexes(stella, monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX core_message_words")
    assert "core_message_words" in stella.get(reverse("staff_health")).content.decode()
    monkeypatch.setattr(search, "has_extension", lambda: False)
    assert "CREATE EXTENSION pg_trgm" in stella.get(reverse("staff_health")).content.decode()


@pytest.mark.django_db(transaction=True)
def test_missing_and_half_made_indexes_are_made_again(stella):
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX support_ticket_words")
        cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'core_message_words'::regclass")
    assert sorted(search.missing_indexes()) == ["core_message_words", "support_ticket_words"]
    call_command("search_index", stdout=StringIO())
    assert search.missing_indexes() == []
    call_command("search_index", "--rebuild", stdout=StringIO())
    assert search.missing_indexes() == []
