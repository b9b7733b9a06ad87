"""More that the search finds: people without an own page, papers beside invoices, products, and domains that were only ordered."""

from django.db.models import Q
from django.utils.translation import gettext as _

from billing.models import CreditNote, JournalEntry, OrderLine, Product, Quote
from clients.models import Contact, Membership, User
from hostbill.core import search
from hostbill.pages.found import MOST, SHORTEST_REMOTE, Hit
from hostbill.pages.links import address


def querysets(actor, without) -> list:
    """The rows that this person may see of each noun searched by words here; ``without`` those whose like was found already."""
    people = actor.may("clients.client.view") or actor.may("clients.user.view")
    lines = OrderLine.objects.all() if actor.may("billing.order.view") else OrderLine.objects.none()
    rows = [
        User.objects.all() if people else User.objects.none(),
        Contact.objects.visible_to(actor),
        Quote.objects.visible_to(actor),
        lines,
    ]
    return [found for found in rows if found.model not in without and not found.query.is_empty()]


def ids_of(question, without) -> dict:
    """Model -> ids by words; one query."""
    return search.best(querysets(question.actor, without), question.text, 2 * MOST, as_one=question.is_one)


def people(question, ids, shown: set) -> list:
    """Members and contacts of accounts lead to the account, unless that is ``shown``; colleagues to their login."""
    actor, email = question.actor, question.address
    # Logins first: "this address or one of these" across two tables would read both whole.
    alike = Q(email=email) if email else Q()
    alike |= Q(pk__in=ids[User]) if ids.get(User) else Q()
    logins = list(User.objects.filter(alike).values_list("pk", flat=True)) if alike else []
    members = Membership.objects.visible_to(actor).filter(user__in=logins).select_related("user", "client").order_by("pk")[: 2 * MOST]
    found = [_person(row.user.label, row.user.email, row.client, row.user.email == email) for row in (members if logins else ())]
    contacts = Contact.objects.visible_to(actor).filter(pk__in=ids.get(Contact, ())).select_related("client")[: 2 * MOST]
    found += [_person(row.name, row.email, row.client, row.email.lower() == email) for row in (contacts if ids.get(Contact) else ())]
    found = [hit for hit in found if hit.pk not in shown]
    if logins and actor.may("clients.user.view"):
        staff = User.objects.staff().filter(pk__in=logins)[:MOST]
        found += [_colleague(user, email) for user in staff]
    return sorted(found, key=lambda hit: not hit.exact)[:MOST]


def _person(name, email, client, exact) -> Hit:
    return Hit("user", name, client.get_absolute_url(), second=f"{email} · {client.name}", exact=exact, pk=client.pk)


def _colleague(user, email) -> Hit:
    url = address("clients_staff:user_edit", user.pk)
    return Hit("users", user.label, url, second=user.email, note=_("works here"), exact=user.email == email, pk=user.pk)


def ordered(question, ids, shown: set) -> list:
    """Orders of a domain that is not ``shown`` as a service: not yet set up, or never."""
    if not ids.get(OrderLine) or not question.actor.may("billing.order.view"):
        return []
    rows = OrderLine.objects.filter(pk__in=ids[OrderLine]).select_related("order__client").order_by("-pk")
    return [
        Hit(
            icon="shopping-cart",
            title=row.label,
            second=f"{row.order.number} · {row.order.client.name}",
            url=row.order.get_absolute_url(),
            state=row.order.state_words,
            exact=row.label == question.domain,
            pk=row.pk,
        )
        for row in rows[: 2 * MOST]
        if row.label not in shown
    ][:MOST]


def papers(question, ids) -> list:
    """Credit notes and quotes by number, quotes also by words; entries of the journal by the fact that they book."""
    actor, asked, has_digit = question.actor, question.upper, question.has_digit
    notes = CreditNote.objects.visible_to(actor).filter(number__startswith=asked).select_related("client")
    found = [_paper(row, "notes", row.number == asked) for row in (notes.order_by()[:MOST] if has_digit else ())]
    same = Q(pk__in=ids.get(Quote, ())) | (Q(number__startswith=asked) if has_digit else Q())
    quotes = Quote.objects.visible_to(actor).filter(same).select_related("client").order_by("-pk")[:MOST]
    found += [_paper(row, "notes", row.number == asked) for row in (quotes if has_digit or ids.get(Quote) else ())]
    fact = question.text.strip()
    if ":" in fact and len(fact) >= SHORTEST_REMOTE:
        entries = JournalEntry.objects.visible_to(actor).filter(key__startswith=fact).order_by()[:MOST]
        found += [Hit("list-check", row.description, row.get_absolute_url(), second=row.key, exact=row.key == fact) for row in entries]
    return found


def _paper(row, icon, exact) -> Hit:
    whose = row.client.name if row.client else getattr(row, "company", "")
    words = f"{getattr(row, 'subject', '')} · {whose}".strip(" ·")
    return Hit(icon, str(row), row.get_absolute_url(), second=words, amount=row.total, exact=exact, pk=row.pk)


def products(question) -> list:
    """A house has few: by any part of the name or of the address in the shop."""
    asked = question.text.strip()
    if not question.actor.may("billing.product.view"):
        return []
    rows = Product.objects.filter(Q(name__icontains=asked) | Q(slug__icontains=asked)).select_related("group").order_by("sort", "pk")
    shown = [(row, asked.lower() in (row.name.lower(), row.slug)) for row in rows[:MOST]]
    return [Hit("package", row.name, row.get_absolute_url(), second=str(row.group), exact=same, pk=row.pk) for row, same in shown]
