"""Lists narrowed to one object: found by typing, only among what the person may see, and clear about doubts."""

import pytest
from django.urls import reverse

from clients.models import Client, StaffRole
from tests.factories import make_staff

pytestmark = pytest.mark.django_db


def make(number, company, **fields) -> Client:
    values = {"email": f"c{number}@firm.example", "currency": "EUR"} | fields
    return Client.objects.create(number=f"C-{number}", company=company, **values)


@pytest.fixture
def stella(client, db):
    """Signed in, may do everything."""
    client.force_login(make_staff("owner"))
    return client


@pytest.fixture
def firms(db):
    """Two alike, one of its own."""
    return make(1, "Weaves North"), make(2, "Weaves South"), make(3, "Kiln", email="hello@kiln.example")


URL = "/staff/invoices/"


def offered(client, text, key="client", url=URL) -> list[str]:
    return [label for _pk, label, _note in client.get(url, {"pick": key, "find": text}).json()["rows"]]


def test_objects_are_offered_by_name_number_and_address(stella, firms):
    assert sorted(offered(stella, "weav")) == ["Weaves North", "Weaves South"]
    assert offered(stella, "C-3") == ["Kiln"]
    assert offered(stella, "hello@kiln") == ["Kiln"]
    assert offered(stella, "nobody") == []
    assert len(offered(stella, "")) == 3


def test_no_more_than_a_screenful_is_offered(stella):
    for number in range(30):
        make(number, f"Firm {number}")
    answer = stella.get(URL, {"pick": "client", "find": "firm"}).json()
    assert len(answer["rows"]) == 20
    assert answer["more"] is True


def test_only_what_the_person_may_see_is_offered_and_named(client, firms):
    role = StaffRole.objects.create(code="books", name="Books", permissions=["billing.invoice.view"])
    client.force_login(make_staff(role.code))
    assert offered(client, "weav") == []
    assert offered(client, "") == []
    page = client.get(URL, {"tab": "all", "client": firms[0].pk}).content.decode()
    assert "Weaves North" not in page
    assert client.get(URL, {"tab": "all", "client_find": "Weaves North"}).status_code == 200


def test_somebody_without_the_list_gets_no_names(client, firms):
    role = StaffRole.objects.create(code="none", name="None", permissions=["clients.client.view"])
    client.force_login(make_staff(role.code))
    assert client.get(URL, {"pick": "client", "find": "weav"}).status_code == 403


@pytest.mark.parametrize("text", ["kiln", "C-3", "c-3", "hello@kiln.example"])
def test_a_typed_name_becomes_the_object(stella, firms, text):
    answer = stella.get(URL, {"tab": "all", "client": "", "client_find": text})
    assert answer.url == f"{URL}?tab=all&client={firms[2].pk}"
    page = stella.get(answer.url)
    assert [(chip.label, chip.value) for chip in page.context["chips"]] == [("Client", "Kiln")]


def test_a_text_that_may_mean_several_shows_nothing_and_says_so(stella, firms):
    page = stella.get(URL, {"tab": "all", "client_find": "weaves"}, follow=True)
    assert page.context["page"].rows == []
    told = " ".join(str(message) for message in page.context["messages"])
    assert "may be several" in told and "Weaves North" in told and "Weaves South" in told
    assert 'value="weaves"' in page.content.decode()
    page = stella.get(URL, {"tab": "all", "client_find": "teapots"}, follow=True)
    assert "Nothing is called “teapots”." in page.content.decode()


def test_the_name_sent_along_with_its_key_changes_nothing(stella, firms):
    answer = stella.get(URL, {"tab": "all", "client": firms[2].pk, "client_find": "Kiln"})
    assert answer.url == f"{URL}?tab=all&client={firms[2].pk}"
    other = stella.get(URL, {"tab": "all", "client": firms[2].pk, "client_find": "Weaves South"})
    assert other.url == f"{URL}?tab=all&client={firms[1].pk}"
    emptied = stella.get(URL, {"tab": "all", "client": firms[2].pk, "client_find": "", "currency": "", "due_on": ""})
    assert emptied.url == f"{URL}?tab=all"


def test_every_related_filter_offers(stella):
    from hostbill.core.crud import Related, StaffListView
    from tests.security.routes import routes

    lists = [r for r in routes() if isinstance(r.view, type) and issubclass(r.view, StaffListView) and not r.arguments]
    asked = [(r, f.key) for r in lists for f in r.view.filters if isinstance(f, Related)]
    assert len(asked) > 8
    for route, key in asked:
        assert stella.get(reverse(route.name), {"pick": key, "find": "x\x00"}).json()["rows"] == [], route.name


def test_the_api_finds_by_name_too(firms):
    from django.http import QueryDict

    from hostbill.core.crud import Related

    item = Related("client", "Client", Client)
    assert item.condition(QueryDict("client_find=c-3")).children == [("client_id", firms[2].pk)]
    assert item.condition(QueryDict("client_find=weaves")).children == [("pk__in", [])]
    assert item.condition(QueryDict("client_find=")) is None
