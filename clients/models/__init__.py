"""Models of the clients app."""

from .api_credential import ApiCredential, ApiRole
from .api_token import ApiToken
from .client import Client
from .consent import Consent
from .contact import Contact
from .electronic import EInvoiceWish, check_electronic_address
from .group import ClientGroup
from .membership import ALL_AREAS, Area, Invitation, Membership
from .note import Note
from .program_access import within
from .staff_role import ALL_PERMISSIONS, StaffRole
from .user import User

__all__ = [
    "ALL_AREAS",
    "ALL_PERMISSIONS",
    "ApiCredential",
    "ApiRole",
    "ApiToken",
    "Area",
    "Client",
    "ClientGroup",
    "Consent",
    "Contact",
    "EInvoiceWish",
    "Invitation",
    "Membership",
    "Note",
    "StaffRole",
    "User",
    "check_electronic_address",
    "within",
]
