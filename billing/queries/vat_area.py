"""Facts of the European VAT area: who belongs to it, which parts of a state do not, and the usual rates to begin with."""

from datetime import date

#: Member states: the standard rate in percent, which is that of hosting everywhere, and the first day on which it is in
#: force.
RATES = {
    "AT": ("20", date(1984, 1, 1)),
    "BE": ("21", date(1996, 1, 1)),
    "BG": ("20", date(2007, 1, 1)),
    "CY": ("19", date(2014, 1, 13)),
    "CZ": ("21", date(2013, 1, 1)),
    "DE": ("19", date(2021, 1, 1)),
    "DK": ("25", date(1992, 1, 1)),
    "EE": ("24", date(2025, 7, 1)),
    "ES": ("21", date(2012, 9, 1)),
    "FI": ("25.5", date(2024, 9, 1)),
    "FR": ("20", date(2014, 1, 1)),
    "GR": ("24", date(2016, 6, 1)),
    "HR": ("25", date(2013, 7, 1)),
    "HU": ("27", date(2012, 1, 1)),
    "IE": ("23", date(2021, 3, 1)),
    "IT": ("22", date(2013, 10, 1)),
    "LT": ("21", date(2009, 9, 1)),
    "LU": ("17", date(2024, 1, 1)),
    "LV": ("21", date(2012, 7, 1)),
    "MT": ("18", date(2004, 1, 1)),
    "NL": ("21", date(2012, 10, 1)),
    "PL": ("23", date(2011, 1, 1)),
    "PT": ("23", date(2011, 1, 1)),
    "RO": ("21", date(2025, 8, 1)),
    "SE": ("25", date(1990, 7, 1)),
    "SI": ("22", date(2013, 7, 1)),
    "SK": ("23", date(2025, 1, 1)),
}
STATES = frozenset(RATES)
#: Taxed as the other country: Monaco as France, the Isle of Man as the United Kingdom.
BELONGS_TO = {"MC": "FR", "IM": "GB"}
#: Parts of member states outside the VAT area, by how their postcodes begin: the Canaries, Ceuta and Melilla; Åland; Büsingen
#: and Heligoland; Livigno; Athos; the French departments overseas.
NOT_PART = {
    "ES": ("35", "38", "51", "52"),
    "FI": ("22",),
    "DE": ("78266", "27498"),
    "IT": ("23041",),
    "GR": ("63086",),
    "FR": ("971", "972", "973", "974", "976"),
}


def tax_country(country: str, postcode: str = "") -> str:
    """The country whose VAT applies to an address: another code for a place taxed as its neighbour, and for a part of a state
    outside the VAT area the code with a star ("ES*"), which is no member state."""
    if country.upper() in BELONGS_TO:
        return BELONGS_TO[country.upper()]
    plain = postcode.replace(" ", "").upper().removeprefix(f"{country.upper()}-")
    outside = plain.startswith(NOT_PART.get(country.upper(), ("\0",)))
    return f"{country.upper()}*" if outside else country.upper()
