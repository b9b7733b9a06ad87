"""Fields that only some answers need, currencies that are folded, host names and commas: pieces of forms and sentences."""

import re
from pathlib import Path

import pytest
from django import forms
from django.template import Context, Template
from django.utils.translation import override

from hostbill.core.ui import cases, currencies, joined, rows

STYLE = (Path(__file__).resolve().parents[2] / "static/css/forms.css").read_text()


class Asked(forms.Form):
    kind = forms.ChoiceField(choices=[("percent", "Percent"), ("amount", "Amount"), ("free", "Free")])
    how = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    percent = forms.DecimalField(required=False)
    amount_EUR = forms.DecimalField(required=False)
    amount_USD = forms.DecimalField(required=False)
    days = forms.IntegerField(required=False)

    cases = {"percent": ("kind", ("percent",)), "amount_EUR": ("kind", ("amount", "free")), "days": ("how", ("b",))}


def test_each_field_knows_the_places_of_the_answers_that_need_it():
    form = Asked()
    found = {bound.name: cases.case_of(bound) for bound in form}
    assert found["percent"] == "1.1" and found["amount_EUR"] == "1.2 1.3" and found["days"] == "2.2"
    assert found["kind"] == found["amount_USD"] == ""
    assert [cases.question_number(form[name]) for name in ("kind", "how", "percent")] == ["1", "2", ""]


def test_the_row_and_its_question_carry_them_into_the_page():
    page = Template("{% load ui %}{% form form %}").render(Context({"form": Asked()}))
    assert re.search(r'<select[^>]*data-cases="1"', page) and '<div class="options" data-cases="2">' in page
    assert page.count("data-case=") == 3 and 'data-case="1.2 1.3"' in page


@pytest.mark.parametrize("question", [1, 2])
def test_the_style_knows_eight_answers_of_two_questions(question):
    for place in range(1, 9):
        assert f'[data-case^="{question}."]:not([data-case~="{question}.{place}"], :has(.field-error))' in STYLE


def test_few_currencies_stand_there_and_of_many_those_in_use():
    form = Asked({"amount_USD": "5"})
    table = [("EUR", [form["amount_EUR"]]), ("BDT", [form["days"]]), ("CHF", [form["percent"]]), ("USD", [form["amount_USD"]])]
    shown, rest = currencies.folded(table, lambda row: row[1])
    assert [code for code, _fields in shown] == ["EUR", "USD"] and [code for code, _fields in rest] == ["BDT", "CHF"]
    assert currencies.folded(table[:3], lambda row: row[1]) == (table[:3], [])


def test_a_figure_in_a_table_is_named_by_its_label_and_says_what_is_wrong():
    form = Asked({"percent": "much"})
    page = Template("{% load ui %}{% money_cell form.percent %}").render(Context({"form": form}))
    assert 'aria-label="Percent"' in page and 'class="field-error"' in page
    assert rows.describe_cell(form["percent"])["case"] == "1.1"


def test_hosts_break_before_their_dots_and_lists_have_the_commas_of_the_reader():
    assert joined.host("fra-cp-01.example") == '<span class="nowrap">fra-cp-01</span><wbr>.<span class="nowrap">example</span>'
    assert joined.host("a" * 40) == "a" * 40 and "<script" not in joined.host("<script>.example")
    assert joined.host("1.234,50 & all") == "1.234,50 &amp; all"
    assert joined.host("Until weaves-blog.example begins.").startswith('Until <span class="nowrap">weaves-blog</span><wbr>.')
    assert joined.listed(["a", 2]) == "a, 2"
    with override("ar"):
        assert joined.listed(["a", "b"]) == "a، b"
