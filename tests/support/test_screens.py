"""Ticket pages through HTTP, with the cast."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from clients.models import StaffRole
from hostbill.core.models import Change, File
from support.actions.ticket import add_note, open_ticket
from support.models import Department, Ticket, TicketMessage
from tests.factories import make_staff

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def ticket(cast):
    """Alice asks."""
    return open_ticket(
        actor=cast.alice_actor,
        client=cast.alice_client,
        department=Department.objects.get_or_create(name="Support")[0],
        subject="Mail <b>late</b>",
        body="<script>alert(1)</script> since noon",
    )


@pytest.fixture
def browse(client):
    """A browser signed in as somebody."""

    def _browse(user):
        client.force_login(user, backend=BACKEND)
        return client

    return _browse


def slip():
    """A real picture, as an upload."""
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "PNG")
    return SimpleUploadedFile("slip.png", buffer.getvalue(), content_type="text/html")


def test_client_asks_staff_answer_client_closes(cast, browse):
    """The whole conversation in the browser."""
    department = Department.objects.get_or_create(name="Support")[0]
    page = browse(cast.alice)
    data = {"subject": "No mail", "department": department.pk, "body": "Since noon", "files": [slip()]}
    assert page.post("/account/tickets/new/", data).status_code == 302
    ticket = Ticket.objects.get()
    page = browse(cast.stella)
    assert "No mail" in page.get("/staff/tickets/").content.decode()
    assert page.post(f"/staff/tickets/{ticket.pk}/reply/", {"body": "We look"}).status_code == 302
    page = browse(cast.alice)
    assert "We look" in page.get(f"/account/tickets/{ticket.pk}/").content.decode()
    assert page.post(f"/account/tickets/{ticket.pk}/close/").status_code == 302
    ticket.refresh_from_db()
    assert ticket.state == "closed"


def test_text_is_escaped_and_notes_stay_inside(cast, browse, ticket):
    """Script of the writer is shown as text; the note is on the staff page only."""
    add_note(ticket, actor=cast.stella_actor, body="Secret thought")
    staff = browse(cast.stella).get(f"/staff/tickets/{ticket.pk}/").content.decode()
    client = browse(cast.alice).get(f"/account/tickets/{ticket.pk}/").content.decode()
    for shown in (staff, client):
        assert "<script>alert" not in shown and "&lt;script&gt;" in shown
        assert "<b>late</b>" not in shown
    assert "Secret thought" in staff and "Secret thought" not in client


def test_foreign_tickets_do_not_exist(cast, browse, ticket):
    """For Charlie every address of it is 404, and nothing is written."""
    page = browse(cast.charlie)
    assert page.get(f"/account/tickets/{ticket.pk}/").status_code == 404
    assert page.post(f"/account/tickets/{ticket.pk}/reply/", {"body": "x"}).status_code == 404
    assert page.post(f"/account/tickets/{ticket.pk}/close/").status_code == 404
    assert page.get(f"/staff/tickets/{ticket.pk}/").status_code == 403
    assert TicketMessage.objects.count() == 1


def test_attachments_are_downloads_of_those_who_may_read(cast, browse, ticket):
    """Served with our type, as attachment, never sniffed; foreign clients and files of notes are 404."""
    page = browse(cast.alice)
    page.post(f"/account/tickets/{ticket.pk}/reply/", {"body": "See", "files": [slip()]})
    token = File.objects.get().token
    response = page.get(f"/account/tickets/files/{token}/")
    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert browse(cast.charlie).get(f"/account/tickets/files/{token}/").status_code == 404
    assert browse(cast.stella).get(f"/staff/tickets/files/{token}/").status_code == 200
    TicketMessage.objects.filter(kind="client").update(kind="note")
    assert browse(cast.alice).get(f"/account/tickets/files/{token}/").status_code == 404


def test_wrong_file_keeps_the_text(cast, browse, ticket):
    """The form comes back with what was typed and says why."""
    page = browse(cast.alice)
    data = {"body": "Long story", "files": [SimpleUploadedFile("x.html", b"<script>")]}
    shown = page.post(f"/account/tickets/{ticket.pk}/reply/", data).content.decode()
    assert "Long story" in shown and "cannot be sent" in shown
    assert TicketMessage.objects.count() == 1 and not File.objects.exists()


def test_verbs_need_their_rights(cast, browse, ticket):
    """A reader sees the page and cannot act; an agent can."""
    page = browse(make_staff("read-only"))
    assert page.get(f"/staff/tickets/{ticket.pk}/").status_code == 200
    for verb in ("reply", "note", "close", "reopen", "assign", "move"):
        assert page.post(f"/staff/tickets/{ticket.pk}/{verb}/", {"body": "x"}).status_code == 403
    helper = make_staff("support-agent")
    page = browse(helper)
    assert page.post(f"/staff/tickets/{ticket.pk}/assign/", {"user": helper.pk}).status_code == 302
    ticket.refresh_from_db()
    assert ticket.assigned_to == helper


def test_staff_open_a_ticket_for_a_client(cast, browse, drain):
    """First whom, then what; the client is waited for."""
    page = browse(cast.stella)
    department = Department.objects.get_or_create(name="Support")[0]
    assert f'href="?client={cast.alice_client.pk}"' in page.get("/staff/tickets/new/?find=C-10001").content.decode()
    step = f"/staff/tickets/new/?client={cast.alice_client.pk}"
    assert page.get(step).status_code == 200
    data = {"subject": "Your disk", "department": department.pk, "priority": 2, "body": "It is nearly full"}
    assert page.post(step, data).status_code == 302
    assert Ticket.objects.get().state == "answered"


def test_list_costs_the_same_for_many(cast, browse, django_assert_max_num_queries):
    """No query per row."""
    department = Department.objects.get_or_create(name="Support")[0]
    for number in range(12):
        open_ticket(
            actor=cast.alice_actor, client=cast.alice_client, department=department, subject=f"Q{number}", body="x"
        )
    page = browse(cast.stella)
    page.get("/staff/tickets/")
    with django_assert_max_num_queries(25):
        page.get("/staff/tickets/")


def test_a_bare_value_is_labelled_where_a_phone_has_no_heads(cast, browse):
    """A list's cells carry their label, those aside that say by themselves what they are."""
    body = browse(cast.stella).get("/staff/departments/").content.decode()
    assert 'data-label="In use"' in body and 'data-label="Department"' not in body


def test_tickets_of_a_client_become_one(cast, browse, ticket):
    said = {"actor": cast.alice_actor, "client": cast.alice_client, "department": ticket.department}
    other, third = (open_ticket(subject=subject, body=f"About {subject}", **said) for subject in ("Twice", "Apart"))
    foreign = open_ticket(**said | {"client": cast.charlie_client, "actor": cast.charlie_actor, "subject": "Mine", "body": "My own"})
    staff, url = browse(cast.stella), f"/staff/tickets/{ticket.pk}/merge/"
    page = staff.get(url).content.decode()
    assert other.number in page and third.number in page and foreign.number not in page
    assert staff.post(url, {"tickets": [foreign.pk]}).status_code == 422
    assert staff.post(url, {}).status_code == 422 and TicketMessage.objects.filter(ticket=other, kind="client").exists()
    assert staff.post(url, {"tickets": [other.pk]}).url == ticket.get_absolute_url()
    assert "About Twice" in staff.get(ticket.get_absolute_url()).content.decode()
    other.refresh_from_db(), third.refresh_from_db()
    assert (other.state, third.state) == ("closed", "open")
    assert Change.objects.get(action="support.ticket_merged").object_id == ticket.pk


def test_a_ticket_is_deleted_when_its_number_is_typed(cast, browse, ticket):
    url = f"/staff/tickets/{ticket.pk}/delete/"
    StaffRole.objects.create(code="desk", name="Desk", permissions=["support.ticket.view", "support.ticket.edit"])
    clerk = make_staff("desk")
    assert browse(clerk).get(url).status_code == 403 and browse(clerk).post(url, {"typed": ticket.number}).status_code == 403
    staff = browse(cast.stella)
    assert staff.post(url, {"typed": "T-0"}).status_code == 422 and Ticket.objects.filter(pk=ticket.pk).exists()
    assert staff.post(url, {"typed": ticket.number}).url == "/staff/tickets/" and not Ticket.objects.filter(pk=ticket.pk).exists()
    assert Change.objects.get(action="support.ticket_deleted").fields["number"] == [ticket.number, None]
