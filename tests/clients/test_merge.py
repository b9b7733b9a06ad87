"""Merging two clients: everything of one is the other's, no cent more or less, and the past stays as it was written."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Sum

from billing.actions.account import open_account, park_account, set_auto_charge
from billing.actions.billable import create_billable
from billing.actions.charge import settle_charge, start_checkout
from billing.actions.collection import default_method
from billing.actions.credit import grant_credit
from billing.actions.credit_note import credit_invoice
from billing.actions.invoice import cancel_invoice
from billing.actions.order import place_order
from billing.actions.payment import record_payment
from billing.actions.promotion import create_promotion
from billing.actions.quote import Offered, create_quote, deliver_quote
from billing.actions.refund import refund_payment
from billing.actions.renewal import raise_renewals
from billing.actions.transfer import offer_transfer
from billing.gateways.base import ChargeResult
from billing.models import (
    Account,
    Charge,
    CreditNote,
    GatewayCustomer,
    Invoice,
    Order,
    Payment,
    PaymentMethod,
    Posting,
    PromotionUse,
    Quote,
    Subscription,
)
from billing.queries.books import verify
from billing.queries.quote import quote as quote_of
from billing.queries.statement import statement_of
from clients.actions.client import create_client, reopen_client, update_client
from clients.actions.contact import add_contact
from clients.actions.membership import accept_invite, invitation_token, invite_member
from clients.actions.merge import look_ahead, merge_clients, move_all, sweep_merged
from clients.actions.merge_plan import parts
from clients.actions.note import set_sticky_note
from clients.models import Client, Contact, Invitation, Membership, Note
from clients.queries.actor import actor_of
from clients.queries.find import find_clients
from hostbill.core import clock, options
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Change, Event, Message, ModuleConfig
from hostbill.core.money import Money
from provisioning.models import Operation, Service
from support.actions.ticket import open_ticket
from support.models import Department, Ticket
from tests.billing.factories import active_subscription, make_cart, make_order, make_product, make_tax_rate, pay
from tests.billing.test_portal_screens import card
from tests.factories import UserFactory, make_staff

pytestmark = pytest.mark.django_db


def eur(amount):
    return Money(D(amount), "EUR")


def department():
    found, _made = Department.objects.get_or_create(name="Support")
    return found


def furnish(client, code):
    """Something of everything: paid, open and cancelled invoices, credit, a refund, a credit note, a quote, an item, a ticket."""
    active_subscription(client, make_product())
    open_invoice = make_order(client, make_product()).invoice
    payment = pay(open_invoice, eur("4.00"))
    paid = make_order(client, make_product()).invoice
    refund_payment(pay(paid), money=eur("2.00"), source="payment", reason="Half a day was down", actor=SYSTEM)
    credit_invoice(make_order(client, make_product()).invoice, actor=SYSTEM, reason="Not wanted")
    record_payment(open_account(client), gateway=None, remote_id=f"over-{client.pk}", money=eur("33.33"), actor=SYSTEM)
    deliver_quote(
        create_quote([Offered("Work", D(100))], client=client, actor=SYSTEM, subject="A move", currency="EUR",
                     valid_until=clock.today() + timedelta(days=30)),
        actor=SYSTEM,
    )  # fmt: skip
    create_billable(client=client, actor=SYSTEM, description="Advice", quantity=D(2), unit_amount=D(50))
    cart = make_cart(make_product())
    cart.codes = [code]
    cart.save()
    total = quote_of(cart, client=client).total.amount
    place_order(cart, client=client, actor=SYSTEM, idempotency_key=f"promo-{client.pk}", expected_total=total)
    open_ticket(actor=SYSTEM, client=client, department=department(), subject="Mails", body="They do not come.")
    set_sticky_note(client, actor=SYSTEM, body=f"Note of {client.number}")
    add_contact(client, actor=SYSTEM, name="Books", email="books@people.example", areas=["billing"])
    add_contact(client, actor=SYSTEM, name="Own", email=f"own{client.pk}@people.example", areas=["support"])
    invite_member(client, actor=SYSTEM, email=f"new{client.pk}@people.example", areas=["services"])
    return payment


@pytest.fixture
def pair(cast):
    """(kept, gone), both furnished, with cards."""
    make_tax_rate()
    create_promotion(actor=SYSTEM, name="Once", code="ONCE", kind="percent", percent=D(10), amounts={}, once_per_client=True)
    for client in (cast.alice_client, cast.charlie_client):
        furnish(client, "ONCE")
        card(client, is_default=True, fingerprint="same", customer_id=f"cus_{client.pk}")
        GatewayCustomer.objects.create(client=client, gateway=ModuleConfig.objects.get(driver="stripe"), remote_id=f"cus_{client.pk}")
    card(cast.charlie_client, fingerprint="other", customer_id=f"cus_{cast.charlie_client.pk}")
    assert verify() == []
    return cast.alice_client, cast.charlie_client


def money_of(*clients):
    """All that is counted of these clients, per currency."""
    accounts = Account.objects.filter(client__in=clients)
    invoices = Invoice.objects.filter(client__in=clients)
    found = Counter()
    for name, rows, column in (
        ("owed", accounts, "balance_amount"), ("credit", accounts, "credit_amount"), ("billed", invoices, "total_amount"),
        ("open", invoices, "open_amount"), ("paid", Payment.objects.filter(client__in=clients), "amount"),
        ("refunded", Payment.objects.filter(client__in=clients), "refunded_amount"),
        ("credited", CreditNote.objects.filter(client__in=clients), "total_amount"),
    ):  # fmt: skip
        for row in rows.order_by().values("currency").annotate(sum=Sum(column)):
            found[name, row["currency"]] = row["sum"]
    return found


def trial_balance():
    return dict(Posting.objects.values_list("ledger_account__code").annotate(sum=Sum("amount")).order_by())


def printed():
    """What issued documents say."""
    names = ("number", "buyer", "seller", "total_amount", "issued_on")
    return [list(model.objects.filter(number__isnull=False).order_by("pk").values(*names)) for model in (Invoice, CreditNote)]


def merge(gone, kept, **options):
    options = {"actor": SYSTEM, **options}
    return merge_clients(Client.objects.get(pk=gone.pk), into=Client.objects.get(pk=kept.pk), **options)


def refused(gone, kept):
    before = money_of(gone, kept)
    with pytest.raises(AppError) as error:
        merge(gone, kept)
    assert not Client.objects.filter(pk=gone.pk, merged_into__isnull=False).exists() and money_of(gone, kept) == before
    return error.value.code


def test_everything_moves_and_no_cent_is_lost(pair, drain):
    kept, gone = pair
    papers = printed()
    before, ledger = money_of(kept, gone), trial_balance()
    promised = {str(label): count for label, count in look_ahead(kept, gone).moves}
    merge(gone, kept)
    assert money_of(kept) == before == money_of(kept, gone) and trial_balance() == ledger
    assert verify() == []
    assert printed() == papers
    folded = {"clients.Contact.client", "billing.Account.client", "billing.GatewayCustomer.client"}
    for part in parts():
        if part.move and not folded & set(part.columns):
            assert not part.rows(gone).exists(), part.columns
    for label in ("Invoices", "Payments", "Orders", "Subscriptions", "Quotes", "Billable items", "Tickets", "Credit notes"):
        assert promised[label] > 0
    drain()
    assert verify() == [] and money_of(kept) == before


def test_what_is_left_is_a_closed_stub_that_leads_to_the_kept_client(pair, cast):
    kept, gone = pair
    merge(gone, kept, actor=cast.stella_actor, reason="The same person")
    gone.refresh_from_db()
    assert gone.is_closed and gone.merged_into == kept and gone.heir == kept and gone.get_absolute_url() == kept.get_absolute_url()
    assert find_clients(gone.number, cast.stella_actor) == [kept]
    acts = dict(Change.objects.filter(action__in=["clients.client_merged", "clients.client_took_over"]).values_list("action", "client_id"))
    assert acts == {"clients.client_merged": gone.pk, "clients.client_took_over": kept.pk}
    assert Event.objects.get(name="clients.client_merged").payload == {"client_id": gone.pk, "kept_id": kept.pk}
    for act in (
        lambda: reopen_client(gone, actor=SYSTEM),
        lambda: update_client(gone, actor=SYSTEM, city="Oslo"),
        lambda: make_order(gone, make_product()),
        lambda: create_billable(client=gone, actor=SYSTEM, description="Advice", quantity=D(2), unit_amount=D(50)),
    ):
        with pytest.raises(AppError):
            act()
    ticket = open_ticket(actor=SYSTEM, client=gone, department=department(), subject="Again", body="Words")
    assert ticket.client == kept


def test_people_contacts_notes_and_mails(pair, cast):
    kept, gone = pair
    Membership.objects.create(user=cast.bob, client=gone, areas=["billing"])
    Message.objects.create(kind="x", to_email="a@b.example", client_id=gone.pk, subject="Hello", key="k1")
    merge(gone, kept)
    rights = {row.user.email: (row.is_owner, set(row.areas)) for row in kept.memberships.all()}
    everything = {"billing", "services", "support", "account"}
    assert rights["alice@weaves.example"][0] and rights["bob@weaves.example"] == (False, {"support", "billing"})
    assert rights["charlie@brandt.example"] == (False, everything)
    assert sorted(kept.contacts.values_list("email", flat=True)) == sorted(
        ["books@people.example", f"own{kept.pk}@people.example", f"own{gone.pk}@people.example"]
    )
    sticky = Note.objects.get(client=kept, is_sticky=True)
    assert f"Note of {kept.number}" in sticky.body and f"{gone.number}: Note of {gone.number}" in sticky.body
    assert Message.objects.get(key="k1").client_id == kept.pk
    invitation = Invitation.objects.get(email=f"new{gone.pk}@people.example")
    friend = UserFactory(email=invitation.email)
    accept_invite(invitation_token(invitation), user=friend, actor=actor_of(friend))
    assert actor_of(friend).client_ids == (kept.pk,)
    assert actor_of(cast.charlie).client_ids == (kept.pk,)


@pytest.mark.parametrize(("stops_mail", "areas"), [(False, 4), (True, 0)])
def test_the_address_that_nobody_signs_in_with_stays_known(cast, stops_mail, areas):
    lone = create_client(actor=SYSTEM, company="Lone Ltd", email="lone@people.example", currency="EUR")
    merge(lone, cast.alice_client, stops_mail=stops_mail)
    assert len(Contact.objects.get(client=cast.alice_client, email="lone@people.example").areas) == areas
    assert ("lone@people.example" in {to for to, _name, _lang in cast.alice_client.recipients("billing")}) != stops_mail


def test_cards_the_default_stays_and_the_same_card_is_kept_once(pair):
    kept, gone = pair
    merge(gone, kept)
    usable = PaymentMethod.objects.usable().filter(client=kept)
    assert sorted(usable.values_list("fingerprint", flat=True)) == ["other", "same"]
    assert usable.get(is_default=True).customer_id == f"cus_{kept.pk}"
    assert usable.get(fingerprint="other").customer_id == f"cus_{gone.pk}"  # it is charged as the customer it belongs to


@pytest.mark.parametrize("by_itself", [True, False])
def test_a_card_that_is_not_to_be_charged_by_itself_is_not_after_the_merge(cast, by_itself):
    kept, gone = cast.alice_client, cast.charlie_client
    set_auto_charge(open_account(gone), auto_charge=by_itself, actor=SYSTEM)
    mine = card(gone, is_default=True, fingerprint="theirs", customer_id="cus_theirs")
    merge(gone, kept)
    assert open_account(kept).auto_charge and PaymentMethod.objects.usable().get(client=kept).pk == mine.pk
    assert (default_method(kept) is not None) == by_itself


def test_a_code_for_once_was_used_by_both(pair):
    kept, gone = pair
    merge(gone, kept)
    assert PromotionUse.objects.filter(client=kept).count() == 2
    assert PromotionUse.objects.filter(client=kept, once=True).count() == 1 and verify() == []


def test_what_was_billed_before_lives_on(pair):
    """Payments, cancellations and refunds of documents from before are booked to the kept client."""
    kept, gone = pair
    mine = set(Invoice.objects.filter(client=gone, state="issued").values_list("pk", flat=True))
    merge(gone, kept)
    first, second = Invoice.objects.filter(pk__in=mine).order_by("pk")[:2]
    payment = pay(first)
    assert payment.client == kept and payment.account.client == kept
    refund_payment(payment, money=eur("1.00"), source="payment", reason="Too much", actor=SYSTEM)
    cancel_invoice(second, actor=SYSTEM, reason="Twice")
    assert verify() == []
    old = Account.objects.get(client=gone)
    assert (old.balance_amount, old.credit_amount, old.merged_into.client) == (0, 0, kept)
    renewed = raise_renewals(open_account(kept), until=clock.today() + timedelta(days=40), actor=SYSTEM)
    assert renewed and {invoice.client_id for invoice in renewed} == {kept.pk} and verify() == []
    assert raise_renewals(old, until=clock.today() + timedelta(days=90), actor=SYSTEM) == []


def test_reversal_without_a_credit_note_is_booked_to_the_heir(pair):
    kept, gone = pair
    options.set_option(options.find("billing.cancel_by_credit_note"), False, SYSTEM)
    invoice = Invoice.objects.filter(client=gone, state="issued").order_by("-pk").first()
    merge(gone, kept)
    cancel_invoice(invoice, actor=SYSTEM, reason="Twice")
    assert verify() == []


def test_the_statement_says_what_was_taken_over_and_the_old_one_stays_true(pair):
    kept, gone = pair
    old = statement_of(open_account(gone))
    mine = statement_of(open_account(kept))
    merge(gone, kept)
    now = statement_of(Account.objects.get(client=kept))
    assert now.closing == mine.closing + old.closing and now.lines[-1].text == f"Taken over from {gone.number}"
    left = statement_of(Account.objects.get(client=gone))
    assert left.lines[:-1] == old.lines and left.closing.is_zero and left.lines[-1].text == f"Handed over to {kept.number}"


def test_a_pay_form_that_was_open_settles_afterwards(cast):
    gateway = ModuleConfig.objects.create(kind="gateway", driver="stripe", label="Card")
    invoice = make_order(cast.charlie_client, make_product()).invoice
    charge = start_checkout(invoice, gateway, actor=SYSTEM)
    merge(cast.charlie_client, cast.alice_client)
    settle_charge(charge, ChargeResult("succeeded", "pi_1"))
    invoice.refresh_from_db()
    assert invoice.state == "paid" and Payment.objects.get().client == cast.alice_client and verify() == []


def test_who_read_the_account_before_books_to_the_kept_client(pair):
    kept, gone = pair
    stale, invoice = open_account(gone), Invoice.objects.filter(client=gone, state="issued").first()
    merge(gone, kept)
    payment = record_payment(stale, gateway=None, remote_id="late", money=invoice.open, actor=SYSTEM, invoices=[invoice])
    assert payment.client == kept and payment.account.client == kept
    assert grant_credit(stale, money=eur("5.00"), note="Sorry", actor=SYSTEM).account.client == kept
    assert verify() == []


def test_twice_is_once_and_there_is_no_way_back(pair):
    kept, gone = pair
    merge(gone, kept)
    after = money_of(kept)
    assert merge(gone, kept) == kept and money_of(kept) == after
    assert Change.objects.filter(action="clients.client_merged").count() == 1
    with pytest.raises(AppError, match="merged already"):
        merge(gone, create_client(actor=SYSTEM, company="Third", email="t@people.example", currency="EUR"))
    with pytest.raises(AppError) as error:
        merge(kept, gone)
    assert error.value.code == "merged_already"
    for wrong in ({"merged_into": None, "merged_at": None}, {"merged_into": gone.pk}, {"status": "active"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Client.objects.filter(pk=gone.pk).update(**wrong)


def test_a_chain_leads_to_the_last(pair):
    kept, gone = pair
    last = create_client(actor=SYSTEM, company="Third", email="t@people.example", currency="EUR")
    before = money_of(kept, gone)
    merge(gone, kept)
    merge(kept, last)
    gone.refresh_from_db()
    assert gone.merged_into == last and money_of(last) == before and verify() == []
    assert open_account(gone).merged_into.client == last
    invoice = Invoice.objects.filter(client=last, state="issued").first()
    cancel_invoice(invoice, actor=SYSTEM, reason="Late")
    assert verify() == []


def test_what_came_meanwhile_follows(pair, drain):
    """Somebody had read the client before it was merged and wrote for it afterwards."""
    kept, gone = pair
    merge(gone, kept)
    ticket = Ticket.objects.filter(client=kept).first()
    Ticket.objects.filter(pk=ticket.pk).update(client=gone)
    sweep_merged(gone)
    ticket.refresh_from_db()
    assert ticket.client == kept and verify() == []
    move_all(kept, Client.objects.get(pk=gone.pk))
    assert verify() == []


def test_documents_change_their_owner_in_no_other_way(pair):
    kept, gone = pair
    for model, more in ((Invoice, {"account": open_account(kept)}), (CreditNote, {"account": open_account(kept)}), (Order, {})):
        row = model.objects.filter(client=gone).exclude(**({"state": "draft"} if model is Invoice else {})).first()
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.filter(pk=row.pk).update(client=kept, **more)
    merge(gone, kept)
    note = CreditNote.objects.filter(client=kept).first()
    for wrong in ({"reason": "Another"}, {"total_amount": D(1)}, {"client": gone, "account": open_account(gone)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CreditNote.objects.filter(pk=note.pk).update(**wrong)


def test_the_check_finds_what_was_left_behind(pair):
    kept, gone = pair
    merge(gone, kept)
    Subscription.objects.filter(pk=Subscription.objects.filter(client=kept).first().pk).update(client=gone)
    assert "merged_clients" in {finding.check for finding in verify()}


def test_one_who_has_no_money_at_all_may_be_of_another_currency(cast):
    lone = create_client(actor=SYSTEM, company="Lone Ltd", email="lone@people.example", currency="USD")
    open_account(lone)
    assert merge(lone, cast.alice_client) == cast.alice_client and verify() == []


def test_clients_without_accounts(cast):
    one, two = (create_client(actor=SYSTEM, company=f"New {n}", email=f"n{n}@people.example", currency="EUR") for n in (1, 2))
    merge(one, two)
    three = create_client(actor=SYSTEM, company="New 3", email="n3@people.example", currency="EUR")
    active_subscription(three, make_product())
    merge(three, two)
    assert Subscription.objects.get().client == two and verify() == []


def test_one_without_an_account_leaves_everybody_s_money_alone(pair, cast):
    """What is nobody's is not the merged client's: other accounts had been led to the kept one's."""
    kept, other = pair
    open_account(kept), open_account(other)
    lone = create_client(actor=SYSTEM, company="Lone Ltd", email="lone@people.example", currency="EUR")
    assert not Account.objects.filter(client=lone).exists()
    merge(lone, kept)
    assert not Account.objects.filter(merged_into__isnull=False).exists() and verify() == []
    Account.objects.filter(client=other).update(merged_into=open_account(kept))
    assert "accounts_of_their_own" in {finding.check for finding in verify()}


def test_what_refuses(pair, cast):
    kept, gone = pair
    assert refused(kept, kept) == "same_client"
    dollars = create_client(actor=SYSTEM, company="Dollar", email="d@people.example", currency="USD")
    make_order(dollars, make_product(currency="USD"), currency="USD")
    assert refused(dollars, kept) == "currency_mismatch"
    gateway = ModuleConfig.objects.get(driver="stripe")
    invoice = Invoice.objects.filter(client=gone, state="issued").first()
    charge = start_checkout(invoice, gateway, actor=SYSTEM)
    for state in ("queued", "unknown", "needs_action", "processing"):
        Charge.objects.filter(pk=charge.pk).update(state=state)
        assert refused(gone, kept) == "charge_under_way"
    Charge.objects.filter(pk=charge.pk).update(state="cancelled")
    offer = offer_transfer(Subscription.objects.filter(client=gone, state="active").first(), to_client=kept, actor=SYSTEM)
    assert refused(gone, kept) == "transfer_offered"
    offer.delete()
    park_account(open_account(gone), actor=SYSTEM, reason="Look")
    assert refused(gone, kept) == "parked"
    Account.objects.update(parked_at=None)
    Client.objects.filter(pk=kept.pk).update(status="closed")
    assert refused(gone, kept) == "client_closed"
    Client.objects.filter(pk=kept.pk).update(status="active")
    merge(gone, kept)


def test_a_server_at_work_refuses(cast):
    service = Service.objects.create(subscription=active_subscription(cast.charlie_client, make_product()), client=cast.charlie_client)
    Operation.objects.create(service=service, verb="suspend", state="unknown")
    assert refused(cast.charlie_client, cast.alice_client) == "operation_running"
    Operation.objects.update(state="done")
    merge(cast.charlie_client, cast.alice_client)
    service.refresh_from_db()
    assert service.client == cast.alice_client


def test_it_is_a_right_of_its_own(cast):
    for role in ("billing-clerk", "support-agent", "technician", "read-only"):
        assert not actor_of(make_staff(role)).may("clients.merge")
    for actor in (actor_of(make_staff("billing-clerk")), cast.alice_actor):
        with pytest.raises(PermissionDenied):
            merge(cast.charlie_client, cast.alice_client, actor=actor)
    merge(cast.charlie_client, cast.alice_client, actor=cast.stella_actor)


def test_quotes_from_before_belong_to_the_kept_client_and_say_whom_they_were_for(pair):
    kept, gone = pair
    buyer = Quote.objects.get(client=gone).buyer
    merge(gone, kept)
    assert Quote.objects.filter(client=kept).count() == 2
    assert buyer in list(Quote.objects.filter(client=kept).values_list("buyer", flat=True))
