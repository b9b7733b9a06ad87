"""Screens of documents: what is typed wrong is said beside the field, what is right becomes one act."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.urls import reverse

from billing.actions.account import open_account
from billing.actions.draft import create_draft
from billing.actions.invoice import write_invoice
from billing.actions.numbering import next_in, series_of
from billing.models import CreditNote, Invoice, NewLine, Series
from billing.queries.books import verify
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from tests.billing.factories import make_tax_rate
from tests.factories import make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    """With logins."""
    return make_cast()


@pytest.fixture
def invoice(cast):
    make_tax_rate()
    lines = [NewLine("hosting", D(100)), NewLine("domain", D(10))]
    return write_invoice(open_account(cast.alice_client), lines, due_on=clock.today() + timedelta(days=9), actor=SYSTEM)


@pytest.fixture
def staff(client, cast):
    client.force_login(cast.stella)
    return client


def at(route, row):
    return reverse(f"billing_staff:{route}", args=[row.pk])


def test_a_credit_note_by_line(staff, invoice):
    line = invoice.lines.first()
    url = at("invoice_credit_note", invoice)
    page = staff.get(url)
    assert [left.amount for _line, left, _tick, _amount in page.context["form"].line_rows] == [100, 10]
    assert 'placeholder="100.00"' in page.content.decode()
    answer = staff.post(url, {"scope": "lines", f"line_{line.pk}": "40,00", "reason": "half the month"})
    note = CreditNote.objects.get()
    assert answer.url == note.get_absolute_url() and (note.net_amount, note.reason) == (40, "half the month")
    assert note.number in staff.get(answer.url).content.decode() and verify() == []


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"scope": "lines"}, "line", "at least one line"),
        ({"scope": "lines", "line": "100.01"}, "line", "At most 100.00"),
        ({"scope": "lines", "line": "-3"}, "line", "above zero"),
        ({"scope": "lines", "line": "1.005"}, "line", "digits after the point"),
        ({"scope": "lines", "line": "\x00"}, "line", "Enter an amount"),
        ({"scope": "total", "total": "130.91"}, "total", "At most 130.90"),
        ({"scope": "total", "total": "0"}, "total", "above zero"),
        ({"scope": "total"}, "total", "Enter an amount"),
        ({"scope": "all", "total": "5"}, "scope", "choose whether it counts"),
        ({"scope": "nothing"}, "scope", "valid choice"),
        ({"scope": "all", "reason": ""}, "reason", "required"),
        ({"scope": "all", "reason": "x" * 301}, "reason", "at most 300"),
    ],
)
def test_what_is_typed_wrong_stays_and_is_said(staff, invoice, typed, field, words):
    name = f"line_{invoice.lines.first().pk}"
    data = {"reason": "x"} | {name if key == "line" else key: value for key, value in typed.items()}
    answer = staff.post(at("invoice_credit_note", invoice), data)
    errors = answer.context["form"].errors
    assert answer.status_code == 422 and words in str(errors[name if field == "line" else field])
    assert not CreditNote.objects.exists()


def test_series_from_the_screen(staff, invoice):
    series = series_of("invoice")
    url = at("series_edit", series)
    assert staff.get(url).status_code == 200
    for typed, field in [
        ({"format": "{NUMBER}"}, "format"),
        ({"format": "{YEAR}\u202e{NUMBER}"}, "format"),
        ({"format": "x" * 500}, "format"),
        ({"next_number": "1"}, "next_number"),
        ({"next_number": "-1"}, "next_number"),
        ({"next_number": "99999999999"}, "next_number"),
        ({"next_number": "50"}, "reason"),
    ]:
        data = {"format": "{YEAR}-{NUMBER:4}", "reset": "yearly", "next_number": "2"} | typed
        answer = staff.post(url, data)
        assert answer.status_code == 422 and field in answer.context["form"].errors
    assert Series.objects.get(pk=series.pk).format == ""
    staff.post(url, {"format": "I{YEAR}-{NUMBER:5}", "reset": "yearly", "next_number": "50", "reason": "the old system"})
    assert (Series.objects.get(pk=series.pk).format, next_in(series_of("invoice"))) == ("I{YEAR}-{NUMBER:5}", 50)
    assert verify() == []


def test_correct_split_merge_and_wishes(staff, invoice, cast):
    staff.post(at("invoice_correct", invoice), {"reason": "wrong words"})
    correction = Invoice.objects.get(corrects=invoice)
    staff.post(at("invoice_issue", correction))
    assert Invoice.objects.get(pk=invoice.pk).state == "cancelled"
    account, due = open_account(cast.alice_client), clock.today() + timedelta(days=5)
    draft = create_draft(account, [NewLine("a", D(1)), NewLine("b", D(2))], due_on=due, actor=SYSTEM)
    staff.post(at("invoice_split", draft), {"lines": [draft.lines.last().pk], "due_on": due.isoformat()})
    other = Invoice.objects.filter(state="draft").latest("pk")
    assert other != draft and other.net_amount == 2
    staff.post(at("invoice_merge", draft), {"drafts": [other.pk]})
    assert Invoice.objects.get(pk=draft.pk).net_amount == 3
    url = at("client_wishes", cast.alice_client)
    refused = staff.post(url, {"document_emails": "books@example.com\nnot one"})
    assert "document_emails" in refused.context["form"].errors
    staff.post(url, {"document_emails": "books@example.com", "consolidate_monthly": "on"})
    account.refresh_from_db()
    assert (account.document_emails, account.consolidate_monthly) == (["books@example.com"], True)
    assert "books@example.com" in staff.get(url).content.decode() and verify() == []


def test_a_client_sees_its_own_credit_notes_only(client, cast, invoice, staff):
    staff.post(at("invoice_credit_note", invoice), {"scope": "all", "reason": "ordered twice"})
    note = CreditNote.objects.get()
    client.force_login(cast.alice)
    for route in ("credit_note_detail", "credit_note_pdf"):
        assert client.get(reverse(f"billing_portal:{route}", args=[note.pk])).status_code == 200
    listed = client.get(reverse("billing_portal:credit_note_list")).content.decode()
    shown = client.get(reverse("billing_portal:invoice_detail", args=[invoice.pk])).content.decode()
    statement = client.get(reverse("billing_portal:statement")).content.decode()
    assert all(note.number in page for page in (listed, shown, statement))
    client.force_login(cast.charlie)
    for route in ("credit_note_detail", "credit_note_pdf"):
        assert client.get(reverse(f"billing_portal:{route}", args=[note.pk])).status_code == 404


def test_a_ticked_line_is_taken_back_whole_and_a_typed_amount_in_part(staff, invoice):
    line = invoice.lines.first()
    staff.post(at("invoice_credit_note", invoice), {"scope": "lines", f"all_{line.pk}": "on", f"line_{line.pk}": "30", "reason": "a part"})
    assert CreditNote.objects.get().net_amount == 30
    staff.post(at("invoice_credit_note", invoice), {"scope": "lines", f"all_{line.pk}": "on", "reason": "the rest of it"})
    assert CreditNote.objects.order_by("-pk").first().net_amount == 70 and verify() == []


def test_a_tick_does_not_count_unless_lines_are_chosen(staff, invoice):
    line = invoice.lines.first()
    answer = staff.post(at("invoice_credit_note", invoice), {"scope": "all", f"all_{line.pk}": "on", "reason": "x"})
    assert answer.status_code == 422 and "choose whether it counts" in str(answer.context["form"].errors["scope"])
