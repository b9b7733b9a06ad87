"""Client accounts: created, changed, closed, and seen only by those who may."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from clients.actions.client import close_client, create_client, update_client
from clients.actions.consent import record_consent
from clients.actions.contact import add_contact
from clients.actions.note import set_sticky_note
from clients.models import Client, Consent, Membership, Note
from clients.queries.actor import actor_of
from hostbill.core import access
from hostbill.core.errors import AppError
from hostbill.core.models import Change, Event
from tests.factories import ClientFactory, UserFactory, make_staff


def test_numbers_are_gapless_and_start_at_10001(db):
    """The number series begins at C-10001 and a failed creation uses none."""
    first = ClientFactory()
    with pytest.raises(AppError) as refused:
        create_client(actor=access.SYSTEM, email="x@people.example", currency="EUR")
    assert refused.value.code == "name_missing"
    second = ClientFactory()
    assert (first.number, second.number) == ("C-10001", "C-10002")


def test_creating_with_a_user_makes_the_owner(db):
    """The owner gets every area, the address and the language come from the login."""
    user = UserFactory(email="Lena@Example.example", language="de")
    client = create_client(actor=actor_of(user), user=user, first_name="Lena", currency="EUR")
    assert client.email == "lena@example.example"
    assert client.language == "de"
    assert actor_of(user).clients_with("billing") == [client.pk]
    assert Event.objects.filter(name="clients.client_created", payload={"client_id": client.pk}).exists()


def test_currency_must_be_a_code(db):
    """The database refuses what the form would."""
    with pytest.raises(IntegrityError), transaction.atomic():
        ClientFactory(currency="eur")


def test_visible_to_everyone_who_may_and_nobody_else(cast):
    """Alice and Bob see their account, Charlie his, Stella both, a visitor none."""

    def seen(actor):
        return set(Client.objects.visible_to(actor).values_list("pk", flat=True))

    assert seen(cast.alice_actor) == seen(cast.bob_actor) == {cast.alice_client.pk}
    assert seen(cast.charlie_actor) == {cast.charlie_client.pk}
    assert seen(cast.stella_actor) == {cast.alice_client.pk, cast.charlie_client.pk}
    assert seen(access.VISITOR) == set()


def test_only_members_with_the_account_right_change_it(cast):
    """Alice may, Bob lacks the area, Charlie is foreign."""
    update_client(cast.alice_client, actor=cast.alice_actor, city="Dhaka")
    for actor in (cast.bob_actor, cast.charlie_actor, access.VISITOR):
        with pytest.raises(PermissionDenied):
            update_client(cast.alice_client, actor=actor, city="Elsewhere")
    cast.alice_client.refresh_from_db()
    assert cast.alice_client.city == "Dhaka"
    change = Change.objects.get(action="clients.client_updated")
    assert change.fields["city"] == ["Khulna", "Dhaka"]
    assert change.client_id == cast.alice_client.pk


def test_currency_and_number_cannot_be_changed(cast):
    """Money hangs on the currency."""
    for field in ("currency", "number", "status"):
        with pytest.raises(AppError) as refused:
            update_client(cast.alice_client, actor=cast.stella_actor, **{field: "USD"})
        assert refused.value.code == "not_editable"


def test_closing_needs_the_right_and_happens_once(cast):
    """Staff with the right close, with a reason in the log; a client cannot."""
    with pytest.raises(PermissionDenied):
        close_client(cast.alice_client, actor=cast.alice_actor, reason="")
    closed = close_client(cast.alice_client, actor=cast.stella_actor, reason="moved away")
    assert closed.is_closed and closed.closed_at
    assert Change.objects.get(action="clients.client_closed").reason == "moved away"
    with pytest.raises(AppError):
        close_client(cast.alice_client, actor=cast.stella_actor, reason="again")


def test_sticky_note_is_one_and_only_for_staff(cast):
    """Written, replaced in place, removed; never visible to the client."""
    set_sticky_note(cast.alice_client, actor=cast.stella_actor, body="Pays by bank")
    set_sticky_note(cast.alice_client, actor=cast.stella_actor, body="Pays by card")
    assert [note.body for note in Note.objects.visible_to(cast.stella_actor)] == ["Pays by card"]
    assert not Note.objects.visible_to(cast.alice_actor).exists()
    with pytest.raises(PermissionDenied):
        set_sticky_note(cast.alice_client, actor=cast.alice_actor, body="mine")
    set_sticky_note(cast.alice_client, actor=cast.stella_actor, body=" ")
    assert not Note.objects.exists()


def test_recipients_by_area_each_address_once(cast):
    """The account's address first, then members with the area, then contacts; Bob has only support."""
    add_contact(cast.alice_client, actor=cast.alice_actor, name="Books", email="books@weaves.example", areas=["billing"])
    billing = [email for email, _name, _language in cast.alice_client.recipients("billing")]
    support = [email for email, _name, _language in cast.alice_client.recipients("support")]
    assert billing == ["alice@weaves.example", "books@weaves.example"]
    assert support == ["alice@weaves.example", "bob@weaves.example"]


def test_consents_are_kept_with_wording_and_address(cast):
    """Each act of consent is a row; foreign clients do not see it."""
    record_consent(
        actor=cast.alice_actor, kind="terms", text_version="2027-01", client=cast.alice_client, user=cast.alice, ip="192.0.2.7"
    )
    consent = Consent.objects.visible_to(cast.alice_actor).get()
    assert (consent.text_version, consent.ip) == ("2027-01", "192.0.2.7")
    assert not Consent.objects.visible_to(cast.charlie_actor).exists()


def test_read_only_staff_see_but_do_not_change(cast):
    """Patterns of a role are spelt out: `*.view` reaches every view right and nothing else."""
    reader = actor_of(make_staff("read-only"))
    assert Client.objects.visible_to(reader).count() == 2
    assert reader.may("support.ticket.view") and not reader.may("support.ticket.reply")
    with pytest.raises(PermissionDenied):
        update_client(cast.alice_client, actor=reader, city="X")


def test_one_owner_per_account(cast):
    """The database keeps a second owner out."""
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=cast.charlie, client=cast.alice_client, is_owner=True)
