"""VAT numbers as they are written: cleaned, and checked against the form of their country. No network."""

import re

from billing.queries.vat_area import BELONGS_TO, STATES

#: After the prefix. Forms as the member states publish them; Greece writes EL, Northern Ireland XI.
FORMS = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}",
    "LT": r"(\d{9}|\d{12})",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"[A-Z0-9+*]{10}\d{2}",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{12}",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
    "XI": r"(\d{9}|\d{12}|GD\d{3}|HA\d{3})",
    "GB": r"(\d{9}|\d{12}|GD\d{3}|HA\d{3})",
}
#: What an office of the EU can be asked about.
ASKED_AT_VIES = frozenset(FORMS) - {"GB"}
#: And the office of the United Kingdom: not about numbers of government departments.
ASKED_AT_HMRC = re.compile(r"GB(\d{9}|\d{12})", re.ASCII)
_SEPARATORS = re.compile(r"[\s.\-/_,:]+")


def prefix_of(country: str) -> str:
    """The letters before numbers of a country: EL for Greece, those of France for Monaco."""
    country = BELONGS_TO.get(country, country)
    return "EL" if country == "GR" else country


def country_of(tax_id: str) -> str:
    """The country that gave a cleaned number; empty when it has no prefix that we know."""
    prefix = tax_id[:2]
    if prefix not in FORMS:
        return ""
    return "GR" if prefix == "EL" else "GB" if prefix == "XI" else prefix


def clean_vat_id(raw: str, country: str = "") -> str:
    """Capital letters without separators, with the prefix of the country when it was left out and fits."""
    text = _SEPARATORS.sub("", raw or "").upper()
    if text.startswith("GR") and re.fullmatch(FORMS["EL"], text[2:], re.ASCII):
        text = f"EL{text[2:]}"
    if not is_well_formed(text):
        with_prefix = f"{prefix_of(country)}{text}"
        return with_prefix if is_well_formed(with_prefix) else text
    return text


def is_well_formed(tax_id: str) -> bool:
    """Whether a cleaned number has the form of its country."""
    form = FORMS.get(tax_id[:2])
    return bool(form and re.fullmatch(form, tax_id[2:], re.ASCII))


def is_expected_in(country: str) -> bool:
    """Whether numbers of this country have a form that we know."""
    return prefix_of(country) in FORMS


def is_of_eu(country: str) -> bool:
    """A member state."""
    return country in STATES
