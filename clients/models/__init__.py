"""Models of the clients app."""

from .client import Client
from .consent import Consent
from .contact import Contact
from .membership import ALL_AREAS, Area, Invitation, Membership
from .note import Note
from .staff_role import ALL_PERMISSIONS, StaffRole
from .user import User

__all__ = [
    "ALL_AREAS",
    "ALL_PERMISSIONS",
    "Area",
    "Client",
    "Consent",
    "Contact",
    "Invitation",
    "Membership",
    "Note",
    "StaffRole",
    "User",
]
