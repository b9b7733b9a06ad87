"""Statements of the bank: read as banks write them, each transfer exactly once, booked many at a time, never twice."""

from decimal import Decimal as D
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing.actions.account import open_account
from billing.actions.bank import book_line, import_statement, leave_line, take_statement, take_up_line
from billing.actions.invoice import NewLine, write_invoice
from billing.actions.payment import book_bank_payment
from billing.models import BankAccount, BankLine, BankStatement, Payment
from billing.queries.bank_csv import guess, table
from billing.queries.bank_file import decode, read
from billing.queries.bank_matching import suggest
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.money import Money
from tests.factories import make_cast, make_staff

pytestmark = pytest.mark.django_db

SPARKASSE = (
    "Konto;DE02100100100006820101;;;;\nStand;21.05.26;;;;\n;;;;;\n"
    "Auftragskonto;Buchungstag;Verwendungszweck;Beguenstigter/Zahlungspflichtiger;Kontonummer/IBAN;Betrag;Waehrung\n"
    "DE02;02.05.26;RG {number} HOSTING;SUNDARBAN WEAVES LTD;BD11;11,90;EUR\n"
    "DE02;02.05.26;MIETE;HAUS GMBH;DE33;-1.250,00;EUR\n"
    "DE02;03.05.26;SPENDE;JÜRGEN MÜLLER;DE44;1.234,50;EUR\n"
    "DE02;03.05.26;SPENDE;JÜRGEN MÜLLER;DE44;1.234,50;EUR\n"
    "DE02;gestern;KAPUTT;X;DE55;5,00;EUR\n"
)
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>
<Ntry><Amt Ccy="EUR">21.90</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-05-02</Dt></BookgDt>
 <NtryDtls><TxDtls><Refs><AcctSvcrRef>A1</AcctSvcrRef></Refs><AmtDtls><TxAmt><Amt Ccy="EUR">11.90</Amt></TxAmt></AmtDtls>
 <RltdPties><Dbtr><Nm>Weaves</Nm></Dbtr><DbtrAcct><Id><IBAN>BD11</IBAN></Id></DbtrAcct></RltdPties>
 <RmtInf><Ustrd>Rg {number}</Ustrd></RmtInf></TxDtls>
 <TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">10.00</Amt></TxAmt></AmtDtls></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">5.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-05-02</Dt></BookgDt></Ntry>
<Ntry><Amt Ccy="EUR">9.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>PDNG</Sts><BookgDt><Dt>2026-05-02</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>"""


@pytest.fixture
def cast(db):
    """With logins."""
    return make_cast()


@pytest.fixture
def clerk(client, cast):
    """A billing clerk's browser."""
    client.force_login(make_staff("billing-clerk"))
    return client


@pytest.fixture
def bank(db):
    """Our account."""
    return BankAccount.objects.create(name="Sparkasse", currency="EUR")


def bill(client, amount="11.90"):
    """An open invoice."""
    return write_invoice(open_account(client), [NewLine("Work", D(amount))], due_on=clock.today(), actor=SYSTEM)


def bring(bank, content, mapping=None, name="may.csv"):
    """Take and import a file."""
    file = SimpleUploadedFile(name, content.encode("utf-8"))
    statement = take_statement(account=bank, new_name="", currency="EUR", file=file, actor=SYSTEM)
    mapping = {} if content.startswith("<") else mapping or guess(table(content))
    return import_statement(statement, mapping=mapping, actor=SYSTEM)


def one_line(bank, amount="11.90", payer="Weaves", text="hosting", day="2026-05-02"):
    """A line that waits."""
    bring(bank, f"Date;Payer;Text;Amount\n{day};{payer};{text};{amount}\n")
    return BankLine.objects.latest("pk")


def test_a_german_file_with_a_preamble_is_read(bank):
    found = table(SPARKASSE)
    mapping = guess(found)
    assert (mapping["booked_on"], mapping["amount"], mapping["day"]) == ("Buchungstag", "Betrag", "%d.%m.%y")
    assert mapping["payer"] == "Beguenstigter/Zahlungspflichtiger" and mapping["text"] == "Verwendungszweck"
    reading = read(SPARKASSE, bank, mapping)
    assert [transfer.money.amount for transfer in reading.new] == [D("11.90"), D("1234.50"), D("1234.50")]
    assert reading.outgoing == 1 and [number for number, _why in reading.unreadable] == [9]
    assert reading.new[1].payer == "JÜRGEN MÜLLER"


def test_the_same_file_twice_adds_nothing_and_two_equal_transfers_are_two(bank):
    first = bring(bank, SPARKASSE)
    again = bring(bank, SPARKASSE)
    assert (first.new_count, first.known_count) == (3, 0)
    assert (again.new_count, again.known_count) == (0, 3)
    assert BankLine.objects.count() == 3
    longer = bring(bank, SPARKASSE + "DE02;04.05.26;NEU;Y;DE66;7,00;EUR\n")
    assert (longer.new_count, longer.known_count) == (1, 3)


def test_a_reference_that_says_nothing_does_not_swallow_money(bank):
    head = "Date;Payer;Amount;Bank reference\n"
    bring(bank, head + "2026-05-02;Weaves;10,00;NOTPROVIDED\n")
    assert bring(bank, head + "2026-06-02;Weaves;10,00;NOTPROVIDED\n").new_count == 1


def test_camt_gives_each_booked_credit_once(bank):
    bring(bank, CAMT, name="may.xml")
    assert [(line.amount, line.payer, line.bank_reference) for line in BankLine.objects.order_by("pk")] == [
        (D("11.90"), "Weaves", "A1"), (D("10.00"), "", ""),
    ]  # fmt: skip
    assert bring(bank, CAMT, name="may.xml").new_count == 0


@pytest.mark.parametrize("content", ["", "no table at all", "<html></html>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"])
def test_what_is_no_statement_is_refused_in_words(bank, content):
    with pytest.raises(AppError):
        bring(bank, content)
    assert not BankLine.objects.exists()


def test_letters_of_windows_are_read():
    assert decode("Müller;5,00".encode("cp1252")) == "Müller;5,00"
    with pytest.raises(AppError):
        decode(b"PK\x03\x04\x00\x00")


def test_only_what_is_beyond_doubt_is_chosen(bank, cast):
    invoice, other = bill(cast.alice_client), bill(cast.charlie_client, "50")
    assert suggest(one_line(bank, text=f"Rg {invoice.number}")).chosen == f"i:{invoice.pk}"
    assert suggest(one_line(bank, payer="nobody", text="x")).chosen == "", "the amount alone is a hint"
    assert suggest(one_line(bank, amount="20", text=f"Rg {other.number}")).chosen == "", "another amount"
    bill(cast.alice_client)
    assert suggest(one_line(bank, payer="WEAVES", text="hosting")).chosen == "", "two fit as well"


def test_what_was_entered_by_hand_is_seen_and_taken_for_the_same(bank, cast):
    invoice = bill(cast.alice_client)
    line = one_line(bank, text=f"Rg {invoice.number}", day=clock.today().isoformat())
    by_hand = book_bank_payment(
        invoice.account, reference="Weaves", money=Money(D("11.90"), "EUR"), received_on=clock.today(), actor=SYSTEM, invoice=invoice
    )
    found = suggest(line)
    assert found.choices[0].value == f"p:{by_hand.pk}" and found.chosen == ""
    book_line(line, payment=by_hand, actor=SYSTEM)
    assert Payment.objects.get() == by_hand and BankLine.objects.get().payment == by_hand
    again = one_line(bank, text="again", day=clock.today().isoformat())
    with pytest.raises(AppError):
        book_line(again, payment=by_hand, actor=SYSTEM)


def test_booked_twice_is_one_payment(bank, cast):
    invoice = bill(cast.alice_client)
    line = one_line(bank)
    first = book_line(line, invoices=[invoice], actor=SYSTEM)
    assert book_line(line, invoices=[invoice], actor=SYSTEM) == first
    with pytest.raises(AppError):
        book_line(line, client=cast.charlie_client, actor=SYSTEM)
    with pytest.raises(AppError):
        leave_line(line, reason="no", actor=SYSTEM)
    invoice.refresh_from_db()
    assert invoice.state == "paid" and Payment.objects.count() == 1


def test_a_standing_order_is_another_transfer_each_month(bank, cast):
    for day in ("2026-05-02", "2026-06-02"):
        book_line(one_line(bank, text="HOSTING", day=day), client=cast.alice_client, actor=SYSTEM)
    assert Payment.objects.count() == 2
    assert open_account(cast.alice_client).credit_amount == D("23.80")


def test_left_aside_and_taken_up_again(bank, cast):
    line = leave_line(one_line(bank, payer="Bank", text="Zinsen"), reason="interest", actor=SYSTEM)
    with pytest.raises(AppError):
        book_line(line, client=cast.alice_client, actor=SYSTEM)
    take_up_line(line, actor=SYSTEM)
    book_line(line, client=cast.alice_client, actor=SYSTEM)


def test_clerk_brings_a_file_corrects_a_column_imports_and_books_all(clerk, cast):
    invoice, other = bill(cast.alice_client), bill(cast.charlie_client, "50")
    text = f"Tag;Wer;Was;Wert\n2026-05-02;Weaves;Rg {invoice.number};11,90\n2026-05-03;Y;Rg {other.number};50,00\n"
    answer = clerk.post(
        reverse("billing_staff:bank_statement_create"),
        {"new_name": "Wise", "currency": "eur", "file": SimpleUploadedFile("may.csv", text.encode())},
    )
    statement = BankStatement.objects.get()
    assert answer.url == statement.get_absolute_url()
    assert clerk.get(answer.url).status_code == 200
    assert clerk.post(answer.url, {"verb": "import"}).status_code == 422
    mapping = {"booked_on": "Tag", "payer": "Wer", "text": "Was", "amount": "Wert", "day": "%Y-%m-%d"}
    assert len(clerk.post(answer.url, mapping | {"verb": "check"}).context["reading"].new) == 2
    assert not BankLine.objects.exists()
    match = clerk.post(answer.url, mapping | {"verb": "import"}).url
    statement.refresh_from_db()
    assert statement.content == "" and statement.account.mapping == mapping
    page = clerk.get(match)
    chosen = {f"for-{item.line.pk}": value for item, value, _why in page.context["rows"]}
    assert set(chosen.values()) == {f"i:{invoice.pk}", f"i:{other.pk}"}
    look = clerk.post(match, chosen | {"verb": "look"})
    assert [total.amount for total in look.context["totals"]] == [D("61.90")] and not Payment.objects.exists()
    for _twice in range(2):
        clerk.post(match, chosen | {"verb": "book"})
    assert Payment.objects.count() == 2
    assert {row.state for row in type(invoice).objects.all()} == {"paid"}
    assert clerk.get(reverse("billing_staff:payment_list")).context["bank_waiting"] == 0


def test_the_next_file_is_read_as_the_last_one(clerk, bank):
    bring(bank, "Tag;Wer;Wert\n2026-05-02;W;1,00\n", {"booked_on": "Tag", "payer": "Wer", "amount": "Wert", "day": "%Y-%m-%d"})
    file = SimpleUploadedFile("june.csv", b"Tag;Wer;Wert\n2026-06-02;V;2,00\n")
    answer = clerk.post(reverse("billing_staff:bank_statement_create"), {"account": bank.pk, "currency": "EUR", "file": file})
    assert [transfer.payer for transfer in clerk.get(answer.url).context["reading"].new] == ["V"]


def test_a_line_that_fits_nothing_is_looked_for_and_booked_once(clerk, bank, cast):
    invoice = bill(cast.alice_client, "100")
    line = one_line(bank, amount="40", payer="?", text="?")
    url = line.get_absolute_url()
    page = clerk.get(f"{url}&reference={invoice.number}")
    assert page.context["found"]["invoices"][0].invoice == invoice
    for _twice in range(2):
        clerk.post(url, {"amount": "9999", "currency": "EUR", "reference": "x", "received_on": "2026-01-01", "invoice": invoice.pk})
    payment = Payment.objects.get()
    assert (payment.amount, payment.received_on.isoformat()) == (D(40), "2026-05-02"), "the bank's figures, not the form's"


def test_needs_the_right_and_shows_no_foreign_choice(client, cast, bank):
    line = one_line(bank)
    client.force_login(make_staff("support-agent"))
    assert client.get(reverse("billing_staff:bank_line_list")).status_code == 200
    match = reverse("billing_staff:bank_line_match")
    for url in (match, reverse("billing_staff:bank_statement_create")):
        assert client.get(url).status_code == 403
    assert client.post(match, {f"for-{line.pk}": f"c:{cast.alice_client.pk}", "verb": "book"}).status_code == 403
    assert client.post(line.statement.get_absolute_url(), {"verb": "import"}).status_code == 403
    client.force_login(cast.alice)
    assert client.get(reverse("billing_staff:bank_line_list")).status_code in (302, 403)
    assert not Payment.objects.exists()


def test_a_refused_line_stays_and_says_why_while_the_others_are_booked(clerk, bank, cast):
    good, bad = one_line(bank, text="a"), one_line(bank, text="b")
    data = {f"for-{good.pk}": f"c:{cast.alice_client.pk}", f"for-{bad.pk}": "i:999999", "verb": "book"}
    answer = clerk.post(reverse("billing_staff:bank_line_match"), data)
    assert answer.status_code == 422 and answer.context["refused"][0][0] == bad
    assert Payment.objects.count() == 1


def test_an_upload_is_read_from_its_start():
    assert decode(BytesIO("a;b".encode("utf-16")).read()) == "a;b"
