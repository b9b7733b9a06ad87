"""User names for accounts: a letter first, eight letters and digits, from the domain with a random tail."""

import re
import secrets

LENGTH = 8
TAIL = 3
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # without l, o, 0 and 1: people read these names aloud
FALLBACK = "site"
# Names of system users, groups and mail aliases that panels refuse, and beginnings they dislike.
BLOCKED = frozenset(
    "abuse admin administrator all apache backup bin cpanel daemon default demo dovecot exim ftp games guest hostmaster http info "
    "lp mail mailman manager marketing master mysql named news nginx nobody noreply operator owner postfix postgres postmaster "
    "proftpd psaadm public reseller root sales security server service shutdown spam ssh sshd staff sudo support sync sys system "
    "test tomcat user users uucp virtfs web webmail webmaster wheel whm www".split()
)


def suggest(domain: str) -> str:
    """A new name for the domain; random, so asking again gives another one."""
    letters = re.sub(r"[^a-z0-9]", "", domain.lower().removeprefix("www.").split(".")[0].removeprefix("xn--"))
    base = letters.lstrip("0123456789")[: LENGTH - TAIL]
    if not base or base.startswith("test") or base in BLOCKED:
        base = FALLBACK
    while True:
        tail = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - len(base)))
        if is_allowed(base + tail):
            return base + tail


def is_allowed(name: str) -> bool:
    """Does the name follow the rules common to the panels? (Whether it is free, only the panel knows.)"""
    return bool(
        re.fullmatch(r"[a-z][a-z0-9]{2,15}", name)
        and name not in BLOCKED
        and not name.startswith("test")
        and not name.endswith("assword")
    )
