"""Search of the console (Ctrl-K): any object by what people know of it, the places to go and the things to do."""

from django.urls import path
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from billing.models import OrderLine
from clients.models import Client, Contact, User
from hostbill.core import search
from hostbill.core.access import StaffView
from hostbill.core.models import Message
from hostbill.pages import found, found_more
from hostbill.pages.doings import doings, doings_for, nearly
from hostbill.pages.found import MOST, Question
from hostbill.pages.frame import SEARCH_SCOPES
from provisioning.models import Service
from support.models import Ticket

#: Searched by word index.
WORDED = (Client, Service, Ticket, Message)
#: Spelling is only doubted where fewer things than this are spelt as asked.
FEW = 3
DOUBTED = (Client, Service, Ticket)
#: Typed first, it asks for things to do only.
COMMANDS_ONLY = ">"


def groups_for(request, text: str, scope: str = "") -> list:
    """[(title, hits)] for the groups with hits, those with an exact hit first; without words the places alone."""
    only_commands = text.lstrip().startswith(COMMANDS_ONLY) or scope == "do"
    text = " ".join(text.replace("\x00", "").lstrip(" " + COMMANDS_ONLY).split())[: search.LONGEST]
    if not text or only_commands:
        return _filled([(_("Go to and do"), doings(request, text) or nearly(request, text))])
    groups = _objects(Question(text, request.actor), scope)
    if not scope:
        best_client = next((hit for hit in groups[0][1]), None)
        is_exact = any(hit.exact for _title, hits in groups for hit in hits)
        named = doings(request, text) or ([] if is_exact else nearly(request, text))
        groups.append((_("Do"), [*named[:MOST], *doings_for(request, best_client)]))
    return _filled(groups)


def _filled(groups):
    """Groups with hits; those with an exact hit come first."""
    groups = [(title, hits) for title, hits in groups if hits]
    return sorted(groups, key=lambda group: not any(hit.exact for hit in group[1]))


def _objects(question, scope):
    """The groups of objects, clients first."""
    ids = _ids(question)
    clients, services = found.clients(question, ids[Client]), found.services(question, ids[Service])
    # Whose like is found aplenty is not looked for among people and orders too: each search of a large table costs.
    enough = {*((User, Contact) if len(clients) == MOST else ()), *((OrderLine,) if len(services) == MOST else ())}
    more = found_more.ids_of(question, enough)
    people = found_more.people(question, more, {hit.pk for hit in clients})
    ordered = found_more.ordered(question, more, {hit.title for hit in services})
    named = [hit.pk for hit in clients[:3]]
    papers = [*found.invoices(question, named), *found.transactions(question), *found.orders(question), *found_more.papers(question, more)]
    talk = [*found.tickets(question, ids[Ticket]), *found.messages(question, ids[Message])]
    groups = {
        "clients": [(_("Clients"), clients), (_("People"), people)],
        "services": [
            (_("Services"), [*services, *ordered][: 2 * MOST]),
            (_("Servers"), found.servers(question)),
            (_("Products"), found_more.products(question)),
        ],
        "papers": [(_("Invoices, payments and orders"), papers), (_("Tickets and mails"), talk)],
    }
    return groups[scope] if scope in groups else [group for part in groups.values() for group in part]


def _ids(question) -> dict:
    """Model -> ids by words; where hardly anything is spelt like that, what is spelt nearly like that."""
    worded = [model for model in WORDED if model is not Message or not question.is_paper]
    querysets = [model.objects.visible_to(question.actor) for model in worded]
    querysets = [rows for rows in querysets if not rows.query.is_empty()]
    ids = {model: [] for model in WORDED} | search.best(querysets, question.text, 2 * MOST, as_one=question.is_one)
    if sum(len(keys) for keys in ids.values()) < FEW and not question.is_number and not _is_known(question):
        doubted = [rows for rows in querysets if rows.model in DOUBTED]
        for model, alike in search.like(doubted, question.text, MOST).items():
            ids[model] += [pk for pk in alike if pk not in ids[model]]
    return ids


def _is_known(question) -> bool:
    """Whether it is a client's address or a service's domain, letter for letter: then nothing is to be doubted."""
    if question.address:
        return Client.objects.visible_to(question.actor).filter(email=question.address).exists()
    return bool(question.domain) and Service.objects.visible_to(question.actor).filter(domain=question.domain).exists()


class SearchView(StaffView, TemplateView):
    """A whole page, or only the results for the palette. Open to all staff: each result asks for its own right."""

    permission = ""

    def get_template_names(self):
        return ["pages/search_results.html" if self.request.GET.get("palette") else "pages/search.html"]

    def get_context_data(self, **kwargs):
        words, scope = self.request.GET.get("q", ""), self.request.GET.get("in", "")
        groups = groups_for(self.request, words, scope)
        count = sum(len(hits) for _title, hits in groups)
        return super().get_context_data(
            words=words.replace("\x00", "")[: search.LONGEST], scope=scope, scopes=SEARCH_SCOPES, groups=groups, count=count,
            page_title=_("Search"), **kwargs,
        )  # fmt: skip


urls = [path("staff/search/", SearchView.as_view(), name="search")]
