"""Drafts: written by hand, looked at, issued once, never seen by the client before."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.urls import reverse

from billing.actions.account import open_account
from billing.actions.draft import create_draft, delete_draft, issue_draft, update_draft
from billing.actions.invoice import NewLine
from billing.models import Invoice, JournalEntry
from hostbill.core import clock
from hostbill.core.errors import AppError
from tests.billing.factories import active_subscription, make_tax_rate
from tests.factories import make_cast, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    """With logins."""
    return make_cast()


@pytest.fixture
def draft(cast):
    """Two lines for Alice, 119 with tax and a discount."""
    make_tax_rate()
    lines = [NewLine("Migration", D("60"), D(2)), NewLine("Because it took long", D("-20"))]
    return create_draft(open_account(cast.alice_client), lines, due_on=clock.today() + timedelta(days=9), actor=cast.stella_actor)


def form(*lines, due=9, **more):
    """What the editor posts: (description, quantity, price)."""
    data = {"due_on": (clock.today() + timedelta(days=due)).isoformat(), "notes": "",
            "lines-TOTAL_FORMS": len(lines), "lines-INITIAL_FORMS": 0}  # fmt: skip
    for index, (description, quantity, price) in enumerate(lines):
        data |= {f"lines-{index}-description": description, f"lines-{index}-quantity": quantity,
                 f"lines-{index}-unit_amount": price, f"lines-{index}-tax_class": "standard"}  # fmt: skip
    return data | more


def edit(invoice):
    """The editor's address."""
    return reverse("billing_staff:invoice_edit", args=[invoice.pk])


def test_has_totals_and_no_number(draft):
    assert (draft.number, draft.state, draft.total_amount) == (None, "draft", D("119.00"))
    assert not JournalEntry.objects.exists()


def test_is_not_seen_by_its_client(draft, cast, client):
    client.force_login(cast.alice)
    for name in ("invoice_detail", "invoice_pdf", "invoice_pay"):
        assert client.get(reverse(f"billing_portal:{name}", args=[draft.pk])).status_code == 404
    assert not Invoice.objects.visible_to(cast.alice_actor).exists()


def test_editor_keeps_and_totals_follow(draft, cast, client):
    client.force_login(cast.stella)
    assert b"Because it took long" in client.get(edit(draft)).content
    data = form(("Migration", "2", "60"), ("Travel", "1.5", "10"), notes="Thank you")
    checked = client.post(edit(draft), data | {"verb": "check"})
    assert checked.context["totals"]["total"].amount == D("160.65")
    draft.refresh_from_db()
    assert draft.total_amount == D("119.00")
    assert client.post(edit(draft), data | {"verb": "save"}).url == edit(draft)
    draft.refresh_from_db()
    assert (draft.total_amount, draft.notes, draft.lines.count()) == (D("160.65"), "Thank you", 2)
    assert client.post(edit(draft), data | {"verb": "preview"}).url == reverse("billing_staff:invoice_pdf", args=[draft.pk])


@pytest.mark.parametrize(
    ("verb", "expected"),
    [("more", ["a", "b", "c", ""]), ("remove-1", ["a", "c"]), ("up-2", ["a", "c", "b"]), ("down-0", ["b", "a", "c"]),
     ("up-0", ["a", "b", "c"]), ("down-2", ["a", "b", "c"]), ("remove-9", ["a", "b", "c"])],
)  # fmt: skip
def test_lines_are_added_removed_and_sorted_without_storing(draft, cast, client, verb, expected):
    client.force_login(cast.stella)
    page = client.post(edit(draft), form(("a", "1", "1"), ("b", "1", "2"), ("c", "1", "3"), verb=verb))
    assert [line["description"].value() for line in page.context["lines"]] == expected
    assert draft.lines.count() == 2


def test_issued_twice_is_one_number_and_one_document(draft, cast, client):
    client.force_login(cast.stella)
    data = form(("Migration", "1", "10"), verb="issue")
    first, second = client.post(edit(draft), data), client.post(edit(draft), data | {"lines-0-unit_amount": "999"})
    draft.refresh_from_db()
    assert first.url == second.url == draft.get_absolute_url()
    assert (draft.state, draft.total_amount, draft.series_number) == ("issued", D("11.90"), 1)
    assert JournalEntry.objects.count() == 1
    again = issue_draft(draft, actor=cast.stella_actor)
    assert again.number == draft.number


def test_tax_is_that_of_the_day_of_issue(draft, cast):
    make_tax_rate("25", valid_from=clock.today())
    issued = issue_draft(draft, actor=cast.stella_actor)
    assert issued.total_amount == D("125.00")


def test_an_issued_one_is_neither_changed_nor_deleted(draft, cast):
    issue_draft(draft, actor=cast.stella_actor)
    for act in (lambda: delete_draft(draft, actor=cast.stella_actor),
                lambda: update_draft(draft, [NewLine("x", D(1))], due_on=draft.due_on, actor=cast.stella_actor)):  # fmt: skip
        with pytest.raises(AppError) as refused:
            act()
        assert refused.value.code == "not_a_draft"


def test_an_old_draft_needs_a_new_due_date(draft, cast):
    Invoice.objects.filter(pk=draft.pk).update(due_on=clock.today() - timedelta(days=1))
    with pytest.raises(AppError) as refused:
        issue_draft(draft, actor=cast.stella_actor)
    assert refused.value.code == "due_passed"


def test_below_zero_is_refused(cast, client):
    client.force_login(cast.stella)
    url = f"{reverse('billing_staff:invoice_create')}?client={cast.alice_client.pk}"
    assert client.post(url, form(("Gift", "1", "-5"), verb="save")).status_code == 422
    assert not Invoice.objects.exists()


def test_duplicate_belongs_to_no_period(cast, client):
    client.force_login(cast.stella)
    subscription = active_subscription(cast.alice_client)
    original = Invoice.objects.get()
    client.post(reverse("billing_staff:invoice_duplicate", args=[original.pk]))
    copy = Invoice.objects.get(state="draft")
    line = copy.lines.get()
    assert (line.subscription, line.period_start, line.net_amount) == (None, None, original.lines.get().net_amount)
    subscription.refresh_from_db()
    assert subscription.invoice_lines.count() == 1
    client.post(reverse("billing_staff:invoice_delete", args=[copy.pk]))
    assert not Invoice.objects.filter(state="draft").exists()


def test_needs_the_right(draft, cast, client):
    client.force_login(make_staff("support-agent"))
    assert client.post(edit(draft), form(("x", "1", "1"))).status_code == 403
    for name in ("invoice_issue", "invoice_duplicate", "invoice_delete"):
        assert client.post(reverse(f"billing_staff:{name}", args=[draft.pk])).status_code == 403
    draft.refresh_from_db()
    assert draft.state == "draft"
