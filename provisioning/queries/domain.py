"""Own domains: is this a name one can have a website under? No network; the public suffix list comes with tldextract."""

import ipaddress
import re

import idna
import tldextract
from django.conf import settings
from django.utils.translation import gettext as _

from hostbill.core.compiled import Compiled
from hostbill.core.errors import AppError
from provisioning.models import Service

_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
#: Endings that nobody can register (RFC 2606): the sandbox's demo and journeys use them, real shops refuse them.
RESERVED_ENDINGS = ("example", "test")
_SERVED = Compiled(lambda domain: Service.objects.unsettled().filter(domain=domain).order_by("pk").values_list("pk")[:1], domain=str)
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def clean_domain(text: str) -> str:
    """The ASCII form of a registrable domain, or AppError with what to correct. "www." and addresses are cut down."""
    name = _host_of(text)
    _refuse_shapes(name)
    try:
        ascii_name = idna.encode(name, uts46=True, std3_rules=True, transitional=False).decode("ascii").lower()
    except idna.IDNAError:
        raise AppError(
            _("“%(name)s” holds a character that domain names cannot have.") % {"name": name}, code="characters"
        ) from None
    if ascii_name.startswith("www."):
        ascii_name = ascii_name[4:]
    if len(ascii_name) > 253:
        raise AppError(_("This name is too long: 253 characters at most."), code="too_long")
    _refuse_suffixes(ascii_name)
    return ascii_name


def _host_of(text: str) -> str:
    """What people paste: an address, a trailing dot, spaces around, an e-mail address."""
    name = _SCHEME.sub("", (text or "").strip())
    if "@" in name:
        raise AppError(_("This is an e-mail address. Enter the domain alone, like example.com."), code="email")
    return re.split(r"[/?#]", name, maxsplit=1)[0].rstrip(".。")


def _refuse_shapes(name: str) -> None:
    if not name:
        raise AppError(_("Enter your domain, like example.com."), code="empty")
    if _is_address(name):
        raise AppError(_("This is an IP address. Enter a domain, like example.com."), code="ip")
    if "_" in name:
        raise AppError(_("Domain names cannot have an underscore. A hyphen is fine."), code="underscore")
    if ":" in name:
        raise AppError(_("Leave the port away: enter the domain alone."), code="port")
    if re.search(r"\s", name):
        raise AppError(_("Domain names have no spaces."), code="space")
    if ".." in name or name.startswith("."):
        raise AppError(_("There is a dot too many."), code="dots")
    if "*" in name:
        raise AppError(_("Enter one domain, without a star."), code="star")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return bool(re.fullmatch(r"[0-9.]+", name))
    return True


def _refuse_suffixes(name: str) -> None:
    if settings.SANDBOX and name.count(".") and name.rsplit(".", 1)[-1] in RESERVED_ENDINGS:
        return
    parts = _suffixes.extract_str(name)
    if not parts.suffix:
        last = name.rsplit(".", 1)[-1]
        if "." not in name:
            raise AppError(_("The ending is missing: enter the whole name, like %(name)s.com.") % {"name": name}, code="ending")
        raise AppError(_("There is no domain ending “.%(last)s”.") % {"last": last}, code="unknown_ending")
    if not parts.domain:
        raise AppError(
            _("“%(name)s” is an ending that many share. Put your own name before it.") % {"name": shown(name)}, code="suffix"
        )


def shown(ascii_name: str) -> str:
    """As people write it (U-label); names that cannot be decoded stay as they are."""
    try:
        return idna.decode(ascii_name)
    except (idna.IDNAError, UnicodeError):
        return ascii_name


def refuse_served(answers: dict, product) -> None:
    """AppError when a service of ours has this domain already: two accounts cannot serve one name."""
    domain = answers.get("domain", "")
    if domain and _SERVED(domain=domain):
        raise AppError(
            _("%(domain)s is already hosted with us. Sign in to see it, or order with another domain.")
            % {"domain": shown(domain)},
            code="served",
            field="domain",
        )
