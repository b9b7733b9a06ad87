"""Worked cases of tax: sums of groups, prices that include tax, compound taxes, and who is taxed where. No database."""

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.models import TaxRate, nets_of_group, tax_groups
from billing.queries.tax import Buyer, TaxRules
from billing.queries.tax_lines import Amount, tax_lines
from hostbill.core.money import round_amount

DAY = date(2026, 11, 23)


def rate(percent, **fields) -> TaxRate:
    """A row in force."""
    fields = {"tax_class": "standard", "name": "VAT", "valid_from": date(2020, 1, 1), **fields}
    return TaxRate(percent=D(percent), **fields)


def only(*rates) -> TaxRules:
    """Rates and nothing else."""
    return TaxRules("XX", "", rates)


def document(rules, amounts, currency="EUR", buyer=None):
    """(net, [taxes], total) of one document."""
    lines = tax_lines(rules, buyer or Buyer("XX"), amounts, on=DAY, currency=currency)
    groups = tax_groups(lines, currency)
    net, taxes = sum(line.net_amount for line in lines), [group.tax for group in groups]
    return net, taxes, net + sum(taxes)


#: Rates by an own class each, so that several stand in one document.
CLASSES = {"6": "a", "21": "b", "25": "c", "10": "d", "12": "e", "20": "f", "0": "g", "19": "h", "9.975": "i", "23.33": "j"}
ALL_RATES = only(*(rate(percent, tax_class=name) for percent, name in CLASSES.items()))


@pytest.mark.parametrize(
    ("lines", "taxes", "total"),
    [
        pytest.param("183.23@6 46.37@21", "9.74 10.99", "250.33", id="T1"),
        pytest.param("800@25 800@10 100@25", "225.00 80.00", "2005.00", id="T3"),
        pytest.param("908.91@21", "190.87", "1099.78", id="T5"),
        pytest.param("1500@25 2500@12", "375.00 300.00", "4675.00", id="T7"),
        pytest.param("95.00@10 47.50@0 28.50@20 19.00@20", "9.50 9.50", "209.00", id="T9"),
        pytest.param("179.00@10 399.00@20 -250.00@20", "29.80 17.90", "375.70", id="T11"),
        pytest.param("68.33@20 68.33@20", "27.33", "163.99", id="T13"),
        pytest.param("154.67@25", "38.67", "193.34", id="T15"),
        pytest.param("100.00@10 -10.00@10 -90.00@10", "0.00", "0.00", id="T31"),
        pytest.param("2.49@20 -1.67@20", "0.16", "0.98", id="a deduction, rounded by line it were 1.00"),
        pytest.param("8180.00@9.975", "815.96", "8995.96", id="half a cent of tax"),
        pytest.param("29.99@23.33", "7.00", "36.99", id="a rate with two decimals"),
    ],
)
def test_tax_is_rounded_once_for_each_rate(lines, taxes, total):
    amounts = [Amount(CLASSES[part.split("@")[1]], D(part.split("@")[0])) for part in lines.split()]
    _net, found, sum_ = document(ALL_RATES, amounts)
    assert [tax for tax in found if tax or total == "0.00"] == [D(tax) for tax in taxes.split()]
    assert sum_ == D(total)


def test_the_effective_rate_after_a_discount():
    """T11."""
    net, taxes, _total = document(ALL_RATES, [Amount("d", D("179")), Amount("f", D("399")), Amount("f", D("-250"))])
    assert round(sum(taxes) / net * 100, 5) == D("14.54268")


def test_single_credits_of_a_tax_sum_to_it():
    """T13: what is credited is rounded on the running sum, so the parts meet the whole."""
    first = D("68.33") + round_amount(D("68.33") * D("0.2"), "EUR")
    both = D("136.66") + round_amount(D("136.66") * D("0.2"), "EUR")
    assert (first, both - first) == (D("82.00"), D("81.99"))


@pytest.mark.parametrize(
    ("gross", "count", "currency", "percent", "net", "tax"),
    [
        pytest.param("100.00", 5, "EUR", "19", "420.17", "79.83", id="T19"),
        pytest.param("9998", 5, "JPY", "19", "42008", "7982", id="T21"),
        pytest.param("100.00", 1, "EUR", "10", "90.91", "9.09", id="T23"),
        pytest.param("0.00", 3, "EUR", "19", "0.00", "0.00", id="free"),
        pytest.param("0.01", 1, "EUR", "19", "0.01", "0.00", id="a cent"),
    ],
)
def test_the_gross_price_is_kept(gross, count, currency, percent, net, tax):
    amounts = [Amount("standard", gross=D(gross)) for _ in range(count)]
    found = document(only(rate(percent)), amounts, currency)
    assert found == (D(net), [D(tax)], D(gross) * count)


def test_two_gross_prices_stay_what_they_are():
    """340.00 and 13.90 with 19 % inside: 56.51 of 353.90."""
    amounts = [Amount("standard", gross=D("340.00")), Amount("standard", gross=D("13.90"))]
    assert document(only(rate("19")), amounts) == (D("297.39"), [D("56.51")], D("353.90"))


def test_prices_before_tax_as_ever():
    """T23: 100.00 plus 10 %; T17: by line, five times 84.03 net."""
    assert document(only(rate("10")), [Amount("standard", D("100"))])[2] == D("110.00")
    assert document(only(rate("19")), [Amount("standard", D("84.03"))] * 5) == (D("420.15"), [D("79.83")], D("499.98"))


def test_half_up_away_from_zero_and_three_decimals():
    """T25, T27."""
    assert (round_amount(D("10.05") / 2, "EUR"), round_amount(D("-10.05") / 2, "EUR")) == (D("5.03"), D("-5.03"))
    assert document(only(rate("5")), [Amount("standard", D("12.345"))], "KWD")[1] == [D("0.617")]


@pytest.mark.parametrize(("compound", "taxes", "total"), [(True, "5.00 9.98", "114.98"), (False, "5.00 9.50", "114.50")])
def test_several_taxes_one_on_the_other(compound, taxes, total):
    """T29."""
    rules = only(rate("5", name="GST"), rate("9.5", name="QST", step=2, compound=compound))
    net, found, sum_ = document(rules, [Amount("standard", D("100"))])
    assert (found, sum_) == ([D(tax) for tax in taxes.split()], D(total))
    treated = rules.treatment(Buyer("XX"), "standard", DAY)
    assert treated.percent == (D("14.975") if compound else D("14.5")) and treated.name == "GST + QST"


def test_compound_taxes_inside_a_price():
    rules = only(rate("5", name="GST"), rate("9.5", name="QST", step=2, compound=True))
    assert document(rules, [Amount("standard", gross=D("114.98"))]) == (D("100.00"), [D("5.00"), D("9.98")], D("114.98"))


DE = TaxRules("DE", "eu", (rate("10", country="DE"), rate("20", country="AT")), room=D(10000))
VALID = {"is_business": True}


@pytest.mark.parametrize(
    ("buyer", "total", "category"),
    [
        pytest.param(Buyer("AT"), "110.00", "S", id="AT consumer below the limit"),
        pytest.param(Buyer("AT", is_business=False), "110.00", "S", id="AT business without a number"),
        pytest.param(Buyer("AT", **VALID), "100.00", "AE", id="AT business"),
        pytest.param(Buyer("DE", **VALID), "110.00", "S", id="DE business"),
        pytest.param(Buyer("US"), "100.00", "O", id="US"),
        pytest.param(Buyer("US", **VALID), "100.00", "O", id="US business"),
        pytest.param(Buyer(""), "110.00", "S", id="no country: as at home"),
        pytest.param(Buyer("ES", postcode="35001"), "100.00", "O", id="the Canaries are outside"),
        pytest.param(Buyer("DE", postcode="78266"), "100.00", "O", id="Büsingen is outside"),
        pytest.param(Buyer("AT", exempt_reason="Embassy"), "100.00", "E", id="exempt"),
        pytest.param(Buyer("AT", exempt_reason="Embassy", **VALID), "100.00", "AE", id="reverse charge before exempt"),
    ],
)
def test_who_is_taxed_where(buyer, total, category):
    """T33."""
    lines = tax_lines(DE, buyer, [Amount("standard", D(100))], on=DAY, currency="EUR")
    assert document(DE, [Amount("standard", D(100))], buyer=buyer)[2] == D(total)
    assert lines[0].tax_category == category and bool(lines[0].tax_reason) == (category != "S")


@pytest.mark.parametrize(
    ("room", "net", "total"),
    [
        pytest.param("10", "20.00", "24.00", id="T35"),
        pytest.param("20", "20.00", "22.00", id="up to the limit"),
        pytest.param("19.99", "20.00", "24.00", id="one cent above"),
    ],
)
def test_a_sale_that_passes_the_limit_moves_as_a_whole(room, net, total):
    rules = TaxRules("DE", "eu", DE.rates, room=D(room))
    halves = [Amount("standard", D(net) / 2)] * 2
    assert document(rules, halves, buyer=Buyer("AT"))[2] == D(total)
    assert document(rules, [Amount("standard", D("5000"))], buyer=Buyer("AT", **VALID))[1] in ([], [D(0)])


def test_the_limit_counts_in_euros():
    rules = TaxRules("DE", "eu", DE.rates, room=D(10))
    lines = tax_lines(rules, Buyer("AT"), [Amount("standard", D(20))], on=DAY, currency="HUF", euros=D("0.0025"))
    assert lines[0].tax_percent == 10


def test_the_united_kingdom():
    rules = TaxRules("GB", "uk", (rate("20", country="GB"), rate("19", country="DE", buyer="consumer")))
    categories = {where: rules.treatment(Buyer(where), "standard", DAY).category for where in ("GB", "IM", "FR", "US")}
    assert categories == {"GB": "S", "IM": "S", "FR": "O", "US": "O"}
    assert rules.treatment(Buyer("DE"), "standard", DAY).percent == 19  # registered there
    assert rules.treatment(Buyer("DE", is_business=True), "standard", DAY).category == "O"


CANADA = only(
    rate("5", name="GST", country="CA"),
    rate("9.975", name="QST", country="CA", state="QC, Québec, Quebec", step=2),
    rate("13", name="HST", country="CA", state="ON"),
    rate("8.875", name="Sales tax", country="US", state="NY", postcode="100, 101"),
    rate("4", name="Sales tax", country="US", state="NY"),
)


@pytest.mark.parametrize(
    ("buyer", "words"),
    [
        (Buyer("CA", "QC"), "GST 5 + QST 9.975"),
        (Buyer("CA", " quebec"), "GST 5 + QST 9.975"),
        (Buyer("CA", "ON"), "HST 13"),
        (Buyer("CA", ""), "GST 5"),
        (Buyer("US", "NY", "10 001"), "Sales tax 8.875"),
        (Buyer("US", "NY", "14201"), "Sales tax 4"),
        (Buyer("US", "TX", "10001"), ""),
    ],
)
def test_the_narrowest_row_of_each_step(buyer, words):
    found = CANADA.treatment(buyer, "standard", DAY).components
    assert " + ".join(f"{name} {percent.normalize():f}" for name, percent, _compound in found) == words


def test_rows_have_days_and_reasons():
    rules = only(
        rate("0", category="E", reason="Small business", valid_from=date(2026, 1, 1), valid_until=date(2026, 12, 31)),
        rate("19", valid_from=date(2020, 1, 1)),
    )
    assert rules.treatment(Buyer("XX"), "standard", date(2026, 12, 31)).reason == "Small business"
    assert rules.treatment(Buyer("XX"), "standard", date(2027, 1, 1)).percent == 19


def test_outside_the_scope_never_stands_beside_taxed_lines():
    lines = tax_lines(only(rate("19")), Buyer("XX"), [Amount("standard", D(1)), Amount("zero", D(1))], on=DAY, currency="EUR")
    assert [line.tax_category for line in lines] == ["S", "E"]
    lines = tax_lines(only(rate("19")), Buyer("XX"), [Amount("zero", D(1))], on=DAY, currency="EUR")
    assert [line.tax_category for line in lines] == ["O"]


def test_who_pays_no_tax_pays_a_price_that_includes_it_without():
    buyers = {Buyer("AT", **VALID): "90.91", Buyer("US"): "90.91", Buyer("AT"): "100.00", Buyer("DE"): "100.00"}
    for buyer, total in buyers.items():
        assert document(DE, [Amount("standard", gross=D("100.00"))], buyer=buyer)[2] == D(total)
    assert document(DE.passed(), [Amount("standard", gross=D("100.00"))], buyer=Buyer("AT")) == (
        D("83.33"),
        [D("16.67")],
        D("100.00"),
    )


MONEY = st.decimals(min_value=-500, max_value=5000, places=2)


@given(grosses=st.lists(MONEY, min_size=1, max_size=12), percent=st.decimals(min_value=0, max_value=50, places=3))
def test_nets_inside_prices_sum_to_the_net_of_the_sum(grosses, percent):
    nets = nets_of_group(grosses, percent, "EUR")
    assert sum(nets) == round_amount(sum(grosses) * 100 / (100 + percent), "EUR")
    for gross, net in zip(grosses, nets, strict=True):
        assert abs(net - gross * 100 / (100 + percent)) <= D("0.02")
        assert gross or not net


@given(nets=st.lists(MONEY, min_size=1, max_size=8), grosses=st.lists(MONEY, max_size=8))
def test_a_document_adds_up_whatever_is_on_it(nets, grosses):
    amounts = [Amount("standard", net) for net in nets] + [Amount("standard", gross=gross) for gross in grosses]
    rules = only(rate("5", name="GST"), rate("9.5", name="QST", step=2, compound=True))
    lines = tax_lines(rules, Buyer("XX"), amounts, on=DAY, currency="EUR")
    groups = tax_groups(lines, "EUR")
    beside, _taxes, beside_total = document(rules, amounts[: len(nets)])
    total = sum(line.net_amount for line in lines) + sum(group.tax for group in groups)
    assert total == beside_total + sum(grosses) and groups[0].net == sum(line.net_amount for line in lines)
