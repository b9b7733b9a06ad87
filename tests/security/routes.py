"""Every address of the project, found in the resolver, so that a new one is walked without being listed."""

from dataclasses import dataclass, field

from django.urls import URLPattern, get_resolver

OURS = ("hostbill.", "clients.", "billing.", "provisioning.", "support.")


@dataclass(frozen=True)
class Route:
    """One address pattern: its full name, its text and its view."""

    name: str
    text: str
    pattern: URLPattern = field(compare=False, repr=False)

    @property
    def view(self):
        """The view class, else the function."""
        return getattr(self.pattern.callback, "view_class", self.pattern.callback)

    @property
    def ours(self) -> bool:
        """Whether the view is HostBill's own."""
        return self.view.__module__.startswith(OURS)

    @property
    def arguments(self) -> list[str]:
        """Names of the address's arguments."""
        part = self.pattern.pattern
        return list(getattr(part, "converters", {})) or list(part.regex.groupindex)

    @property
    def noun(self) -> str:
        """`invoice_detail` is about an `invoice`; the namespace says nothing."""
        return self.name.rpartition(":")[2]

    @property
    def is_staff(self) -> bool:
        """An address of the console."""
        return self.text.startswith("/staff/")

    @property
    def is_api(self) -> bool:
        """An address of the API."""
        return self.text.startswith("/api/")

    @property
    def is_portal(self) -> bool:
        """An address of the client area."""
        return self.text.startswith("/account/")


def _routes(resolver, namespace="", prefix=""):
    for entry in resolver.url_patterns:
        text = prefix + str(entry.pattern).lstrip("^")
        if isinstance(entry, URLPattern):
            yield Route(f"{namespace}{entry.name}", "/" + text, entry)
        elif entry.namespace != "admin":
            yield from _routes(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace, text)


def routes() -> list[Route]:
    """All but Django's raw admin, which has a test of its own."""
    return list(_routes(get_resolver()))
