"""Tickets: whose turn it is, who may read what, which mails go out."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from hostbill.core import clock, rules
from hostbill.core.access import VISITOR
from hostbill.core.errors import AppError
from hostbill.core.models import Message
from support.actions.ticket import (
    add_note,
    assign_ticket,
    close_ticket,
    move_ticket,
    open_ticket,
    reopen_ticket,
    reply,
)
from support.models import Department, Ticket, TicketMessage
from support.rules import answered_between, close_quiet_ticket
from tests.factories import make_staff


@pytest.fixture
def department(db):
    """The one that answers within four hours."""
    return Department.objects.get_or_create(name="Support")[0]


@pytest.fixture
def ticket(cast, department):
    """Alice asks."""
    return open_ticket(
        actor=cast.alice_actor, client=cast.alice_client, department=department, subject="Mail is late", body="Since noon."
    )


def state_of(ticket):
    """The state as stored now."""
    return Ticket.objects.get(pk=ticket.pk).state


def test_state_follows_who_spoke_last(cast, ticket):
    """open, answered, customer_reply, closed, customer_reply again."""
    assert ticket.state == "open" and ticket.waits_for_us
    assert ticket.reply_due_at - ticket.waiting_since == timedelta(minutes=240)
    reply(ticket, actor=cast.stella_actor, body="We look.")
    assert state_of(ticket) == "answered"
    reply(ticket, actor=cast.bob_actor, body="Thanks, and now?")
    assert state_of(ticket) == "customer_reply"
    close_ticket(ticket, actor=cast.stella_actor)
    assert state_of(ticket) == "closed"
    assert not Ticket.objects.get(pk=ticket.pk).waits_for_us
    reply(ticket, actor=cast.alice_actor, body="It is back.")
    assert state_of(ticket) == "customer_reply"
    reopen_ticket(reply(ticket, actor=cast.stella_actor, body="Done").ticket, actor=cast.stella_actor)
    assert state_of(ticket) == "open"


def test_waiting_counts_from_the_first_unanswered_message(cast, ticket):
    """A client who adds a line does not go to the end of the queue."""
    Ticket.objects.update(waiting_since=clock.now() - timedelta(hours=5))
    reply(ticket, actor=cast.alice_actor, body="One more thing.")
    row = Ticket.objects.get()
    assert clock.now() - row.waiting_since > timedelta(hours=4)
    assert row.late_by and list(Ticket.objects.past_reply_time()) == [row]


def test_notes_never_reach_the_client(cast, ticket, drain):
    """Not in the thread, not by mail, and the turn does not change."""
    add_note(ticket, actor=cast.stella_actor, body="Rspamd again?")
    drain()
    assert "Rspamd again?" in [message.body for message in TicketMessage.objects.visible_to(cast.stella_actor)]
    assert "Rspamd again?" not in [message.body for message in TicketMessage.objects.visible_to(cast.alice_actor)]
    assert not any("Rspamd" in text for text in Message.objects.values_list("text", flat=True))
    assert state_of(ticket) == "open"
    with pytest.raises(PermissionDenied):
        add_note(ticket, actor=cast.alice_actor, body="me too")


def test_visibility(cast, ticket):
    """Alice and Bob (support area) and Stella see it; Charlie and visitors do not, nor may they write."""
    for actor in (cast.alice_actor, cast.bob_actor, cast.stella_actor):
        assert list(Ticket.objects.visible_to(actor)) == [ticket]
    for actor in (cast.charlie_actor, VISITOR):
        assert not Ticket.objects.visible_to(actor).exists()
        with pytest.raises(PermissionDenied):
            reply(ticket, actor=actor, body="hello")
        with pytest.raises(PermissionDenied):
            close_ticket(ticket, actor=actor)
    cast.bob.memberships.update(areas=["billing"])
    assert not Ticket.objects.visible_to(type(cast.bob_actor)(kind="client", client_ids=cast.bob_actor.client_ids)).exists()


def test_mails_go_to_the_side_that_waits(cast, ticket, drain):
    """The client hears that we have it, staff that somebody waits; the answer goes to whoever asked."""
    drain()
    assert Message.objects.get(kind="support.ticket_opened").to_email == "alice@weaves.example"
    assert Message.objects.get(kind="support.ticket_waits").to_email == "stella@hostbill.example"
    reply(ticket, actor=cast.stella_actor, body="Please try **again** {{ company }}.")
    drain()
    answer = Message.objects.get(kind="support.ticket_answered")
    assert answer.to_email == "alice@weaves.example"
    assert "Please try **again** {{ company }}." in answer.text
    assert f"/account/tickets/{ticket.pk}/" in answer.text
    assert Message.objects.filter(kind="support.ticket_opened").count() == 1


def test_hand_over_and_move(cast, ticket, drain):
    """A colleague gets it and a mail; the promise follows the department."""
    helper = make_staff("support-agent", email="jonas@hostbill.example")
    assign_ticket(ticket, actor=cast.stella_actor, user=helper)
    drain()
    assert Message.objects.get(kind="support.ticket_assigned").to_email == "jonas@hostbill.example"
    fast = Department.objects.create(name="Fire", reply_minutes=10)
    moved = move_ticket(ticket, actor=cast.stella_actor, department=fast, priority=3)
    assert moved.reply_due_at - moved.waiting_since == timedelta(minutes=10)
    assert moved.priority == 3
    with pytest.raises(AppError):
        assign_ticket(ticket, actor=cast.stella_actor, user=cast.alice)
    with pytest.raises(PermissionDenied):
        move_ticket(ticket, actor=cast.alice_actor, department=fast)


def test_quiet_tickets_are_closed_by_the_rule(cast, ticket, drain, move_clock):
    """Five days after our answer; one that the client wrote to stays."""
    reply(ticket, actor=cast.stella_actor, body="Solved?")
    other = open_ticket(
        actor=cast.alice_actor, client=cast.alice_client, department=ticket.department, subject="Other", body="Hm"
    )
    rules.seed_defaults()
    move_clock(7)
    assert state_of(ticket) == "closed"
    assert state_of(other) == "open"


def test_rule_leaves_a_ticket_that_came_back(cast, ticket):
    """Found as answered, but the client wrote before the rule ran."""
    reply(ticket, actor=cast.stella_actor, body="Solved?")
    today = clock.today()
    assert [pk for pk, _on in answered_between(today - timedelta(days=1), today)] == [ticket.pk]
    reply(ticket, actor=cast.alice_actor, body="No!")
    close_quiet_ticket(ticket.pk, None, {})
    assert state_of(ticket) == "customer_reply"


def test_client_cannot_use_a_hidden_department_or_empty_text(cast, department):
    """What the form does not offer, the action refuses."""
    department.is_public = False
    department.save()
    for body, where in (("hi", department), ("  ", Department.objects.create(name="Open"))):
        with pytest.raises(AppError):
            open_ticket(actor=cast.alice_actor, client=cast.alice_client, department=where, subject="s", body=body)
    assert not Ticket.objects.exists()
