"""Tickets and departments by WHMCS's actions: who speaks, who is written to, what is kept."""

import base64
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hostbill.core.models import Change, File, Message
from support.actions.ticket import add_note, assign_ticket, open_ticket, reply
from support.models import Department, Ticket, TicketMessage
from tests.billing.factories import active_subscription
from tests.whmcs.direct import api, cost

pytestmark = pytest.mark.django_db
RECORD = (
    "id ticketid tid c deptid deptname userid contactid name email requestor_name requestor_email requestor_type owner_name cc date "
    "subject status priority admin attachment attachments attachments_removed lastreply flag service"
)
REPLY = (
    "replyid userid contactid name email requestor_name requestor_email requestor_type date message attachment attachments "
    "attachments_removed admin rating"
)


@pytest.fixture
def department(db):
    return Department.objects.get_or_create(name="Support")[0]


@pytest.fixture
def whmcs(cast):
    return api(user_id=cast.stella.pk)


@pytest.fixture
def ticket(cast, department):
    return open_ticket(
        actor=cast.alice_actor, client=cast.alice_client, department=department, subject="Mail is late", body="Since noon."
    )


def files(*rows) -> str:
    sent = [{"name": name, "data": base64.b64encode(data).decode()} for name, data in rows]
    return base64.b64encode(json.dumps(sent).encode()).decode()


def opened(cast, department, **more) -> dict:
    sent = {"deptid": department.pk, "subject": "It is slow", "message": "Since **noon**.", "clientid": cast.alice_client.pk}
    return sent | more


def test_a_ticket_is_opened_for_the_client(cast, whmcs, department, drain):
    answer = whmcs.done("OpenTicket", **opened(cast, department, priority="High", attachments=files(("log.txt", b"slow"))))
    ticket = Ticket.objects.get(pk=answer["id"])
    assert (answer["tid"], len(answer["c"])) == (ticket.number, 8)
    assert (ticket.state, ticket.opened_by, ticket.priority, ticket.waits_for_us) == ("open", cast.alice, 3, True)
    message = ticket.messages.get()
    assert (message.kind, message.author_label, message.body) == ("client", "Alice Hossain", "Since **noon**.")
    signed = Change.objects.get(action="support.ticket_opened")
    assert (signed.actor_kind, signed.actor_id, signed.actor_label) == ("api", cast.stella.pk, "Stella Solberg as Alice Hossain")
    got = whmcs.done("GetTicketAttachment", relatedid=ticket.pk, type="ticket", index=0)
    assert got == {"filename": "log.txt", "data": base64.b64encode(b"slow").decode()}
    drain()
    assert {mail.kind for mail in Message.objects.all()} == {"support.ticket_opened", "support.ticket_waits"}


def test_noemail_writes_to_staff_alone(cast, whmcs, department, drain):
    whmcs.done("OpenTicket", **opened(cast, department, noemail="true"))
    drain()
    assert {mail.kind for mail in Message.objects.all()} == {"support.ticket_waits"}


def test_staff_open_one_for_a_named_person(cast, whmcs, department):
    by_staff = Ticket.objects.get(pk=whmcs.done("OpenTicket", **opened(cast, department, admin="1"))["id"])
    assert (by_staff.state, by_staff.opened_by) == ("answered", cast.stella)
    by_bob = Ticket.objects.get(pk=whmcs.done("OpenTicket", **opened(cast, department, userid=cast.bob.pk))["id"])
    assert by_bob.opened_by == cast.bob
    record = whmcs.done("GetTicket", ticketid=by_bob.pk)
    assert (record["requestor_type"], record["owner_name"]) == ("Authorized User", "Alice Hossain")


def test_who_speaks_for_clients_may_log_in_as_clients(cast, department, ticket):
    clerk = api("support.ticket.view", "support.ticket.reply", "clients.client.view", user_id=cast.stella.pk)
    said = {"ticketid": ticket.pk, "message": "x"}
    assert "may not speak as a client" in clerk.refused("OpenTicket", **opened(cast, department))
    assert "may not speak as a client" in clerk.refused("AddTicketReply", **said, clientid=cast.alice_client.pk)
    clerk.done("OpenTicket", **opened(cast, department, admin="1"))
    clerk.done("AddTicketReply", **said, adminusername="stella")


def test_about_a_service(cast, whmcs, department):
    service = active_subscription(cast.alice_client)
    foreign = active_subscription(cast.charlie_client)
    assert whmcs.done("OpenTicket", **opened(cast, department, serviceid=service.pk))["id"]
    assert whmcs.refused("OpenTicket", **opened(cast, department, serviceid=foreign.pk)) == "Service ID Not Found"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"clientid": ""}, "Name and email address are required if not a client"),
        ({"clientid": 99999}, "Client ID Not Found"),
        ({"deptid": 99999}, "Department ID not found"),
        ({"priority": "Urgent"}, "Invalid Ticket Priority. Valid priorities are: Low,Medium,High"),
        ({"userid": 99999}, "The system cannot find the provided user ID."),
        ({"contactid": 99999}, "Contact ID Not Found"),
        ({"domainid": 5}, "Domain ID Not Found"),
        ({"subject": "x" * 201}, "at most 200"),
        ({"attachments": "nonsense"}, "attachments is a base64 text"),
        ({"attachments": base64.b64encode(b'{"name": 1}').decode()}, "attachments is a base64 text"),
        ({"attachments": files(("run.exe", b"MZ"))}, "run.exe cannot be sent"),
        ({"attachments": files(("a.png", b"no picture"))}, "a.png is not what its name says"),
        ({"attachments": files(*[("a.txt", b"a")] * 6)}, "At most 5 files"),
    ],
)
def test_a_wrong_ticket_is_refused(cast, whmcs, department, more, words):
    assert words in whmcs.refused("OpenTicket", **opened(cast, department) | more)
    assert not Ticket.objects.exists()


def test_answers_of_both_sides(cast, whmcs, ticket, drain):
    whmcs.done("AddTicketReply", ticketid=ticket.pk, message="We look.", adminusername="stella")
    assert Ticket.objects.get().state == "answered"
    whmcs.done("AddTicketReply", ticketid=ticket.pk, message="And now?", clientid=cast.alice_client.pk)
    assert Ticket.objects.get().state == "customer_reply"
    whmcs.done("AddTicketReply", ticketid=ticket.pk, message="Done.", adminusername="stella", status="Closed", noemail="1")
    assert Ticket.objects.get().state == "closed"
    assert [row.kind for row in ticket.messages.exclude(kind="event")] == ["client", "staff", "client", "staff"]
    drain()
    assert Message.objects.filter(kind="support.ticket_answered").count() == 1
    other = {"ticketid": ticket.pk, "message": "Mine?"}
    assert "send clientid" in whmcs.refused("AddTicketReply", **other)
    assert whmcs.refused("AddTicketReply", **other, clientid=cast.charlie_client.pk) == "Client ID Not Found"
    assert whmcs.refused("AddTicketReply", ticketid=99999, message="x", adminusername="s") == "Ticket ID Not Found"


def test_the_records_have_every_documented_key(cast, whmcs, ticket):
    reply(ticket, actor=cast.stella_actor, body="We look.")
    whmcs.done("AddTicketNote", ticketnum=ticket.number, message="Rspamd?", attachments=files(("a.txt", b"x")))
    found = whmcs.done("GetTicket", ticketnum=ticket.number)
    assert set(found) == {*RECORD.split(), "replies", "notes"}
    first, second = found["replies"]["reply"]
    assert set(first) == set(REPLY.split())
    assert (first["replyid"], first["name"], first["admin"]) == (0, "Alice Hossain", "")
    assert (second["admin"], second["requestor_type"], second["message"]) == ("Stella Solberg", "Operator", "We look.")
    assert (found["requestor_type"], found["status"], found["priority"]) == ("Owner", "Answered", "Medium")
    (note,) = whmcs.done("GetTicketNotes", ticketid=ticket.pk)["notes"]["note"]
    assert (note["message"], note["admin"], note["attachment"]) == ("Rspamd?", "Stella Solberg", "a.txt")
    assert found["notes"]["note"][0]["noteid"] == note["id"]
    got = whmcs.done("GetTicketAttachment", relatedid=note["id"], type="note", index=0)
    assert base64.b64decode(got["data"]) == b"x"
    for wrong in ({"type": "reply"}, {"index": 1}, {"relatedid": 99999}):
        sent = {"relatedid": note["id"], "type": "note", "index": 0} | wrong
        assert whmcs.refused("GetTicketAttachment", **sent) == "Attachment Not Found"
    turned = whmcs.done("GetTicket", ticketid=ticket.pk, repliessort="DESC")["replies"]["reply"]
    assert turned == [second, first]


def test_lists_are_filtered_and_cost_the_same(cast, whmcs, ticket, department):
    one = cost(lambda: whmcs.done("GetTickets"))
    other = open_ticket(
        actor=cast.charlie_actor, client=cast.charlie_client, department=department, subject="Invoice", body="Which?"
    )
    assign_ticket(other, actor=cast.stella_actor, user=cast.stella)
    reply(other, actor=cast.stella_actor, body="This one.")

    def found(**asked):
        return {row["id"] for row in whmcs.done("GetTickets", **asked)["tickets"]["ticket"]}

    assert found() == {ticket.pk, other.pk}
    assert cost(found) == one <= 6
    assert found(status="Awaiting Reply") == found(status="Open") == {ticket.pk}
    assert found(status="All Active Tickets") == {ticket.pk, other.pk}
    assert found(status="My Flagged Tickets") == found(status="answered") == {other.pk}
    assert found(subject="mail") == found(clientid=cast.alice_client.pk) == found(email="alice@weaves.example") == {ticket.pk}
    assert found(status="On Hold") == found(deptid=99999) == set()
    assert "Valid statuses are: Open,Answered" in whmcs.refused("GetTickets", status="Lost")
    counts = whmcs.done("GetTicketCounts", includeCountsByStatus="true")
    assert (counts["allActive"], counts["awaitingReply"], counts["flaggedTickets"]) == (2, 1, 1)
    assert counts["status"]["answered"] == {"title": "Answered", "count": 1}
    assert department.pk in counts["filteredDepartments"]
    statuses = whmcs.done("GetSupportStatuses", deptid=department.pk)
    assert {row["title"]: row["count"] for row in statuses["statuses"]["status"]} == {
        "Open": 1, "Answered": 1, "Customer-Reply": 0, "On Hold": 0, "In Progress": 0, "Closed": 0,
    }  # fmt: skip
    rows = {row["name"]: row for row in whmcs.done("GetSupportDepartments")["departments"]["department"]}
    assert (rows["Support"]["awaitingreply"], rows["Support"]["opentickets"]) == (1, 2)


def test_a_ticket_is_changed(cast, whmcs, ticket):
    target = Department.objects.create(name="Billing desk")
    answer = whmcs.done(
        "UpdateTicket", ticketid=ticket.pk, deptid=target.pk, priority="Low", subject="Mail is lost", flag=cast.stella.pk, status="Closed"
    )
    row = Ticket.objects.get()
    assert answer == {"ticketid": ticket.pk}
    assert (row.department, row.priority, row.subject, row.assigned_to, row.state) == (target, 1, "Mail is lost", cast.stella, "closed")
    whmcs.done("UpdateTicket", ticketid=ticket.pk, status="Open", removeFlag="1")
    row = Ticket.objects.get()
    assert (row.state, row.assigned_to) == ("open", None)
    assert TicketMessage.objects.filter(kind="event", body__contains="Mail is late").exists()
    for sent, words in (
        ({"status": "On Hold"}, "Invalid Ticket Status"),
        ({"status": "Answered"}, "by being answered"),
        ({"userid": cast.charlie_client.pk}, "stays with its client"),
        ({"deptid": 99999}, "Department ID not found"),
        ({"flag": cast.alice.pk}, "Admin ID Not Found"),
        ({"ticketid": 99999}, "Ticket ID Not Found"),
    ):
        assert words in whmcs.refused("UpdateTicket", **{"ticketid": ticket.pk} | sent)


def test_nothing_is_seen_without_the_right(cast, ticket):
    add_note(ticket, actor=cast.stella_actor, body="Ours")
    assert api("support.ticket.reply").refused("AddTicketNote", ticketid=ticket.pk, message="x") == "Ticket ID Not Found"


def test_notes_on_clients_and_services_given_up(cast, whmcs):
    client = cast.alice_client
    first = whmcs.done("AddClientNote", userid=client.pk, notes="Pays by cheque")
    assert whmcs.done("AddClientNote", userid=client.pk, notes="Likes tea") == first
    assert client.notes.get().body == "Pays by cheque\n\nLikes tea"
    whmcs.done("AddClientNote", userid=client.pk, notes="Anew", sticky="1")
    assert client.notes.get().body == "Anew"
    service, other = active_subscription(client), active_subscription(client)
    answer = whmcs.done("AddCancelRequest", serviceid=service.pk, type="End of Billing Period", reason="Moving")
    assert answer == {"serviceid": service.pk, "userid": client.pk}
    service.refresh_from_db()
    assert (service.cancel_at_end, service.cancel_reason) == (True, "Moving")
    assert whmcs.refused("AddCancelRequest", serviceid=service.pk) == "Existing Cancellation Request Exists"
    whmcs.done("AddCancelRequest", serviceid=other.pk, type="Immediate")
    other.refresh_from_db()
    assert other.state == "ended"
    assert whmcs.refused("AddCancelRequest", serviceid=99999) == "Service ID Not Found"
    assert "type is" in whmcs.refused("AddCancelRequest", serviceid=other.pk, type="Someday")


def test_what_was_said_is_corrected_and_staff_see_what_it_was(cast, whmcs, ticket):
    answer = reply(ticket, actor=cast.stella_actor, body="We lok.")
    assert whmcs.done("UpdateTicketReply", replyid=answer.pk, message="We look.") == {"replyid": answer.pk}
    whmcs.done("UpdateTicket", ticketid=ticket.pk, message="Since ten.")
    said = [row["message"] for row in whmcs.done("GetTicket", ticketid=ticket.pk)["replies"]["reply"]]
    assert said == ["Since ten.", "We look."]
    events = " ".join(ticket.messages.filter(kind="event").values_list("body", flat=True))
    assert "We lok." in events and "Since noon." in events
    assert whmcs.refused("UpdateTicketReply", replyid=99999, message="x") == "Reply ID Not Found"


def test_what_was_said_is_deleted_with_its_files(cast, whmcs, ticket, django_capture_on_commit_callbacks):
    first, answer = ticket.messages.get(), reply(ticket, actor=cast.stella_actor, body="Wrong client.")
    note = add_note(ticket, actor=cast.stella_actor, body="x", files=[SimpleUploadedFile("a.txt", b"x")])
    stored = File.objects.get(owner_id=note.pk).content
    with django_capture_on_commit_callbacks(execute=True):
        whmcs.done("DeleteTicketNote", noteid=note.pk)
    assert not stored.storage.exists(stored.name)
    other = open_ticket(actor=cast.alice_actor, client=cast.alice_client, department=ticket.department, subject="x", body="x")
    assert whmcs.refused("DeleteTicketReply", ticketid=other.pk, replyid=answer.pk) == "Reply ID Not Found"
    assert "delete the ticket" in whmcs.refused("DeleteTicketReply", ticketid=ticket.pk, replyid=first.pk)
    whmcs.done("DeleteTicketReply", ticketid=ticket.pk, replyid=answer.pk)
    assert whmcs.refused("DeleteTicketNote", noteid=note.pk) == "Note ID Not Found"
    assert set(ticket.messages.exclude(kind="event")) == {first}
    whmcs.done("DeleteTicket", ticketid=ticket.pk)
    assert list(Ticket.objects.all()) == [other] and Change.objects.filter(action="support.ticket_deleted").exists()


def test_tickets_of_one_client_are_joined(cast, whmcs, ticket, department):
    reply(ticket, actor=cast.stella_actor, body="We look.")
    open_one = lambda actor, client: open_ticket(actor=actor, client=client, department=department, subject="Again", body="Still?")  # noqa: E731
    other, foreign = open_one(cast.alice_actor, cast.alice_client), open_one(cast.charlie_actor, cast.charlie_client)
    for wrong in ("99999", "", f"{other.pk},99999", str(ticket.pk)):
        said = {"ticketid": ticket.pk, "mergeticketids": wrong or ","}
        assert whmcs.refused("MergeTicket", **said) == "Invalid Merge Ticket IDs"
    assert "one client" in whmcs.refused("MergeTicket", ticketid=ticket.pk, mergeticketids=foreign.pk)
    whmcs.done("MergeTicket", ticketid=ticket.pk, mergeticketids=other.pk, newsubject="Mail and more")
    found = whmcs.done("GetTicket", ticketid=ticket.pk)
    assert [row["message"] for row in found["replies"]["reply"]] == ["Since noon.", "We look.", "Still?"]
    assert (found["subject"], found["status"]) == ("Mail and more", "Customer-Reply")
    gone = whmcs.done("GetTicket", ticketid=other.pk)
    assert gone["status"] == "Closed" and ticket.number in gone["replies"]["reply"][0]["message"]
