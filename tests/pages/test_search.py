"""Search of the console: finds what people know, shows only what the person may see."""

import pytest
from django.urls import reverse

from tests.factories import make_staff

pytestmark = pytest.mark.django_db


def test_staff_find_a_client_by_any_word_and_places_without_words(client, cast):
    client.force_login(cast.stella)
    page = client.get(reverse("search"), {"q": "weaves hossain"})
    assert cast.alice_client.get_absolute_url() in page.content.decode()
    assert "Brandt" not in page.content.decode()
    assert reverse("staff_home") in client.get(reverse("search"), {"palette": "1"}).content.decode()


def test_results_ask_for_their_own_right(client, cast):
    client.force_login(make_staff())
    assert cast.alice_client.get_absolute_url() not in client.get(reverse("search"), {"q": "weaves"}).content.decode()


def test_clients_have_no_search_and_odd_words_do_no_harm(client, cast):
    client.force_login(cast.alice)
    assert client.get(reverse("search")).status_code == 403
    client.force_login(cast.stella)
    for words in ("%", "\x00", "<script>alert(1)</script>", "x" * 5000):
        page = client.get(reverse("search"), {"q": words})
        assert page.status_code == 200 and b"<script>alert" not in page.content
