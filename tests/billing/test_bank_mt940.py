"""MT940: German, Dutch and plain statements, signs of direction, years that turn, lines that are none, and files that only look so."""

from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing.actions.bank import import_statement, take_statement
from billing.models import BankAccount, BankLine, BankStatement
from billing.queries import bank_mt940
from billing.queries.bank_file import is_table, read
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from tests.factories import make_staff

HEAD = (
    "{1:F01MARKDEFFXXXX0000000000}{2:O940}{4:\r\n"
    ":20:STARTUMSE\r\n:25:10010010/0006820101\r\n:28C:00005/001\r\n:60F:C260430EUR1000,00\r\n"
)
GERMAN = (
    HEAD + ":61:2605020502CR11,90N051NONREF//2026050212345\r\n"
    ":86:166?00GUTSCHRIFT?100599?20EREF+RE-2026?21-0001?22SVWZ+Rechnung RE-2026-0001?23 Hosting"
    "?30BANKDEFF?31DE02100100100006820101?32SUNDARBAN WEAVES LTD?33 DHAKA\r\n"
    ":61:2605020502DR1250,00N020NONREF\r\n"
    ":86:177?00MIETE?20Miete Mai?32HAUS GMBH\r\n"
    ":61:2605030503RC5,00N051NONREF\r\n:86:R\xfcckgabe einer Gutschrift\r\n"
    ":61:2605030503RD7,00N051NONREF\r\n:86:Eine Lastschrift kam zur\xfcck\r\n"
    ":61:26050305XX00,9N051KAPUTT\r\n:86:gestern\r\n"
    ":61:2605040504C1234,5NTRFSPENDE\r\n:86:Spende\r\nvon vielen\r\n"
    ":62F:C260504EUR5,00\r\n-}"
)
DUTCH = (
    ":20:940S260104\n:25:NL91ABNA0417164300 EUR\n:28C:1/1\n:60F:C251231EUR0,00\n"
    ":61:2512310102C21,90NTRFEREF//0102RABO\n"
    ":86:/TRTP/SEPA OVERBOEKING/IBAN/NL44RABO0123456789/BIC/RABONL2U/NAME/J. DE VRIES/REMI/Factuur 77/EREF/NOTPROVIDED\n"
    ":62F:C260102EUR21,90\n"
)
DINARS = ":20:X\n:25:1\n:28C:1\n:60F:C260101KWD0,000\n:61:260102C12,345NTRFA\n:86:x\n:61:260102C12,3456NTRFB\n:86:x\n:62F:C260102KWD0,\n"


def test_a_german_statement():
    found = bank_mt940.rows(GERMAN)
    first = found[0]
    assert (first.booked_on, first.amount, first.currency) == (date(2026, 5, 2), D("11.90"), "EUR")
    assert (first.payer, first.payer_account) == ("SUNDARBAN WEAVES LTD DHAKA", "DE02100100100006820101")
    assert first.text == "Rechnung RE-2026-0001 Hosting RE-2026-0001" and first.bank_reference == "2026050212345"
    assert [row.amount for row in found if not row.problem] == [D("11.90"), D("-1250.00"), D("-5.00"), D("7.00"), D("1234.5")]
    assert [row.number for row in found if row.problem] == [5]
    assert found[-1].text.startswith("Spende von vielen")


def test_a_dutch_statement_booked_in_the_next_year():
    (row,) = bank_mt940.rows(DUTCH)
    assert (row.booked_on, row.amount) == (date(2026, 1, 2), D("21.90"))
    assert (row.payer, row.payer_account, row.text) == ("J. DE VRIES", "NL44RABO0123456789", "Factuur 77")


def test_amounts_keep_to_their_currency():
    good, bad = bank_mt940.rows(DINARS)
    assert (good.amount, good.currency) == (D("12.345"), "KWD") and "12.3456" in bad.problem


@pytest.mark.parametrize(
    "content",
    [
        ":20:X\n:25:1\n:28C:1\n:60F:C269999EUR1,00\n:61:260102C1,NTRFA\n",
        ":20:X\n:25:1\n:28C:?\n:61:260102C1,NTRFA\n",
        ":20:X\n:25:1\n:60F:C260101EUR1,,,\n:61:260102C1,NTRFA\n",
    ],
)
def test_what_only_looks_like_a_statement_is_refused_in_words(content):
    assert bank_mt940.is_mt940(content)
    with pytest.raises(AppError) as refusal:
        bank_mt940.rows(content)
    assert refusal.value.code == "unreadable"


@pytest.mark.parametrize(
    "line",
    [
        ":61:260230C1,NTRFA",
        ":61:260132C1,NTRFA",
        ":61:260102C,,NTRFA",
        ":61:260102C" + "9" * 30,
        ":61:" + "x" * 500,
        ":61:",
        ":61:26\x0002",
    ],
)
def test_a_line_that_is_none_is_named_and_the_others_are_read(line):
    found = bank_mt940.rows(f":20:X\n:25:1\n:28C:1\n:60F:C260101EUR0,\n:61:260102C1,NTRFA\n{line}\n:61:260103C2,NTRFB\n")
    assert [row.number for row in found if row.problem] in ([2], []) and [found[0].amount, found[-1].amount] == [1, 2]


def test_the_name_of_a_file_is_no_statement_and_is_not_opened(tmp_path):
    file = Path(tmp_path / ":20:secret")
    file.write_text(DUTCH)
    assert bank_mt940.rows(str(file)) == []


def test_tables_stay_tables():
    assert is_table("Date;Payer;Text;Amount\n2026-05-02;A;:20: and :25:;1,00\n") and not is_table(GERMAN) and not is_table(DUTCH)


@pytest.mark.django_db
def test_a_statement_is_taken_in_once_and_seen_before(client):
    bank = BankAccount.objects.create(name="Sparkasse", currency="EUR")
    for content, new in ((GERMAN, 3), (GERMAN, 0)):
        file = SimpleUploadedFile("may.sta", content.encode("cp1252"))
        statement = take_statement(account=bank, new_name="", currency="EUR", file=file, actor=SYSTEM)
        assert import_statement(statement, mapping={}, actor=SYSTEM).new_count == new
    assert BankLine.objects.count() == 3 and BankLine.objects.filter(text__contains="zurück").exists()
    assert read(DUTCH, bank, {}).new[0].payer == "J. DE VRIES"


@pytest.mark.django_db
def test_the_page_shows_it_without_asking_for_columns(client):
    client.force_login(make_staff("billing-clerk"))
    file = SimpleUploadedFile("may.sta", DUTCH.encode())
    data = {"new_name": "Rabo", "currency": "EUR", "file": file}
    page = client.post(reverse("billing_staff:bank_statement_create"), data, follow=True)
    assert page.context["form"] is None and "J. DE VRIES" in page.content.decode()
    statement = BankStatement.objects.get()
    client.post(reverse("billing_staff:bank_statement_detail", args=[statement.pk]), {"verb": "import"})
    assert BankLine.objects.get().payer_account == "NL44RABO0123456789"
