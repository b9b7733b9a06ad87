"""E-invoices by EN 16931: plain data in (`document`), UBL or CII out (`ubl`, `cii`), checked by the official rules (`checker`).

Knows no model and no Django: `billing/queries/einvoice.py` makes the data from what is stored with an issued document.
"""

from . import cii, ubl
from .document import Document
from .profiles import PROFILES, Finding, Profile

_WRITERS = {"ubl": ubl.write, "cii": cii.write}

__all__ = ["PROFILES", "Document", "Finding", "Profile", "write"]


def write(document: Document, profile: Profile) -> bytes:
    """The XML file of a document in the syntax of the profile."""
    return _WRITERS[profile.syntax](document, profile)
