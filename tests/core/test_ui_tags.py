"""The template tags: escaping, accessible names, kept values, figures."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.utils import translation

from bin.bootlib.icons import ICONS
from hostbill.core import clock
from hostbill.core.money import Money
from hostbill.core.ui import charts, words

pytestmark = pytest.mark.django_db
BAD = "<img src=x onerror=alert(1)>"


def draw(source, **context):
    return Template("{% load i18n ui %}" + source).render(Context(context | {"csrf_token": "tok"}))


@pytest.mark.parametrize(
    "source",
    [
        "{% button bad %}",
        "{% link_button bad bad %}",
        "{% post_button bad '/x/' hidden=hidden confirm=bad %}",
        "{% badge bad tone='ok' %}",
        "{% state 'ok' bad rest=bad %}",
        "{% alert 'bad' title=bad %}{{ bad }}{% endalert %}",
        "{% card title=bad count=bad sub=bad %}{{ bad }}{% endcard %}",
        "{% copy bad %}",
        "{% avatar bad %}",
        "{% native bad bad %}",
        "{% facts pairs %}",
        "{% stat bad bad note=bad %}",
        "{% message author=bad %}{{ bad }}{% endmessage %}",
        "{% event title=bad %}{{ bad }}{% endevent %}",
        "{% thread_event bad %}",
        "{% chart 'bars' data label=bad %}",
        "{% exchange exchanges %}",
        "{% breadcrumb pairs %}",
        "{% confirm id='c' title=bad url='/x/' label=bad type_word=bad %}{{ bad }}{% endconfirm %}",
        "{% menu bad %}<a href='#'>{{ bad }}</a>{% endmenu %}",
        "{% icon 'check' label=bad %}",
    ],
)
def test_text_of_people_is_escaped(source):
    exchanges = [{"method": BAD, "url": BAD, "request": BAD, "status": 200, "response": BAD, "ms": 1, "error": BAD}]
    html = draw(source, bad=BAD, hidden={BAD: BAD}, pairs=[(BAD, BAD)], data=[(BAD, 3)], exchanges=exchanges)
    assert "<img" not in html
    assert 'style="' not in html
    assert "onclick" not in html


def test_states_have_shape_words_and_punctuation():
    html = draw("{% state words %}", words=("failed", "Overdue 24 days", "3 reminders"))
    assert "#alert-octagon-filled" in html
    assert "<b>Overdue 24 days</b>, 3 reminders" in html
    assert words.joined("Online.", "Renews on 15 October") == " Renews on 15 October"
    assert words.joined("Suspended", ": unpaid") == ": unpaid"
    assert "circle-dashed" in draw("{% state 'unheard-of' 'x' %}")


def test_every_state_icon_is_in_the_sprite():
    used = {icon for icon, _tone in words.STATE_SIGNS.values()}
    for template in Path(settings.BASE_DIR, "templates").rglob("*.html"):
        used |= {part.split('"')[0] for part in template.read_text().split('{% icon "')[1:]}
    assert used <= set(ICONS), used - set(ICONS)


@pytest.mark.parametrize(
    "amount,currency,client,staff",
    [
        ("47.60", "EUR", "€47.60", "47.60"),
        ("-1180", "JPY", "−¥1,180", "−1,180"),
        ("0.125", "KWD", "KWD\xa00.125", "0.125"),
    ],
)
def test_money_as_client_and_staff_see_it(amount, currency, client, staff):
    value = Money(Decimal(amount), currency)
    assert words.money(value).replace(" ", "\xa0") in (client, client.replace("\xa0", ""))
    assert f'{staff}</span><span class="money-code">{currency}</span>' in words.money_staff(value)
    assert draw("{{ nothing|money }}", nothing=None) == "–"


def test_bengali_readers_get_their_digits():
    with translation.override("bn"):
        assert "৪৭" in words.money(Money(Decimal("47.60"), "EUR"))
        assert words.size(40 * 1024**3).startswith("৪০")


def test_times_are_relative_with_the_exact_one_on_hover():
    html = draw("{% ago at %}", at=clock.now() - timedelta(minutes=34))
    assert "34 minutes ago</time>" in html
    assert "title=" in html
    assert draw("{% ago at %}", at=None) == "–"
    assert words.ago_words(clock.now() - timedelta(days=400)).count(" ") == 2, "long ago shows the day with its year"


class Sample(forms.Form):
    email = forms.EmailField(help_text="Receipts go here.")
    note = forms.CharField(required=False)
    terms = forms.BooleanField()
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def test_forms_keep_what_was_typed_and_link_the_summary():
    html = draw("{% form form %}", form=Sample({"email": "not an address", "note": "kept"}))
    assert 'value="not an address"' in html
    assert 'href="#id_email"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_email_hint id_email_error"' in html
    assert 'id="id_email_error"' in html
    assert 'id="id_email_hint"' in html
    assert '<label class="field-label" for="id_note">' in html
    assert html.count(">optional<") == 1
    assert 'type="hidden" name="token"' in html


def test_posting_buttons_carry_the_token():
    html = draw("{% post_button 'Resume' '/resume/' %}")
    assert 'name="csrfmiddlewaretoken" value="tok"' in html
    assert 'method="post" action="/resume/"' in html


@pytest.mark.parametrize(
    "highest,top", [(0, 1), (7, 10), (1800, 2000), (2001, 5000), (99, 100), (Decimal("0.4"), Decimal("0.5"))]
)
def test_chart_axes_start_at_zero_and_end_at_a_round_number(highest, top):
    chart = charts.build("bars", [("a", highest), ("b", 0)], "Sample")
    assert chart.top == top
    assert chart.y_labels[-1] == "0"


def test_charts_have_a_table_twin_and_hatch_the_forecast():
    html = draw("{% chart 'bars' data label='Income' unit='EUR' forecast_from=1 %}", data=[("May", 10), ("June", 20)])
    assert "<caption" in html
    assert html.count('class="chart-hatch"') == 1
    assert "June" in html
    assert draw("{% chart 'line' data label='None' %}", data=[]).count("<svg") == 0


def test_usage_warns_before_it_is_full():
    assert "progress-muted" in draw("{% usage_bar 10 100 %}")
    assert "progress-warn" in draw("{% usage_bar 80 100 %}")
    assert "progress-bad" in draw("{% usage_bar 99 100 %}")
    assert "<progress" not in draw("{% usage_bar 99 0 %}")


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox · Linux"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_browser_is_called_by_its_name(agent, said):
    assert draw("{{ agent|browser }}", agent=agent) == said


def test_nothing_chosen_is_not_a_row_of_dashes():
    class Chooser(forms.Form):
        needed = forms.ChoiceField(choices=[("", "---------"), ("a", "A")])
        free = forms.ChoiceField(choices=[("", "---------"), ("a", "A")], required=False)

    html = draw("{% form form %}", form=Chooser())
    assert "---" not in html and '<option value="" selected>Choose</option>' in html and ">–</option>" in html


def test_sizes_and_initials():
    assert words.size(41016590336) == "38.2 GB"
    assert words.size(512) == "512 B"
    assert words.initials("Sundarban Weaves Ltd.") == "SW"
    assert words.initials("Habesha Coffee Export Sp. z o.o.") == "HE"
    assert words.initials("Donau-Energieberatung GmbH & Co. KG") == "DO"
    assert words.initials("Telma S.A.") == "TE"
    assert words.initials("Co") == "CO"
    assert words.initials("") == "?"
