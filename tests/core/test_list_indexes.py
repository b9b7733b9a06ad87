"""What a list of a large table offers is served by an index: each sort with the row number that breaks its ties, each filter.

Found through the addresses, so a list is watched without being named here. Small tables are named, with the reason."""

import pytest
from django.db import connection

from hostbill.core.crud import Amount, Choice, Code, DateRange, StaffListView, Text, YesNo, paging
from hostbill.core.crud.named import Named
from hostbill.core.crud.pickers import Related
from hostbill.core.crud.state import COMMON
from hostbill.core.search import has_extension
from tests.security.routes import routes

pytestmark = pytest.mark.django_db

#: Tables that people fill by hand or that are swept, and rows of one preview: reading them all costs less than an index.
SMALL = {
    *("clients.ApiCredential", "clients.ApiRole", "clients.ApiToken", "clients.ClientGroup", "clients.StaffRole"),
    *("core.WebhookEndpoint", "core.Export", "core.BulkRun", "billing.LedgerAccount", "billing.LedgerPeriod", "billing.Series"),
    *("billing.Metric", "billing.BillableItem", "billing.BankStatement", "billing.Transfer", "billing.SubscriptionChange"),
    *("billing.ExchangeRate", "billing.PriceList", "billing.PriceUpdate", "billing.Promotion", "billing.OptionGroup", "billing.Product"),
    *("billing.Bundle", "billing.ProductGroup", "billing.TaxRate", "billing.Preview", "billing.PreviewItem", "provisioning.Server"),
    *("provisioning.ServerGroup", "provisioning.Drift", "support.Department", "billing.Quote", "billing.Charge"),
}
#: (model, filter): why no index of its own.
WITHOUT = {
    ("clients.User", "is_active"): "nearly all may sign in, and few lists are longer",
    ("core.Delivery", "handler"): "swept when done; an index would be paid for by each event",
    ("core.Delivery", "event__name"): "the same",
    ("core.WebhookDelivery", "type"): "the list is that of one endpoint",
    ("core.Outgoing", "state"): "those not done have their index; done are nearly all",
    ("core.Outgoing", "lane"): "each lane has calls of today",
    ("billing.EInvoice", "is_checked"): "those not checked have their index; checked are nearly all",
    ("billing.TaxLine", "category"): "what is not the usual has its index",
    ("billing.TaxLine", "supply"): "what is not the usual has its index",
}
KINDS = (Amount, Choice, DateRange, Named, Related, Text, YesNo)

LISTS = sorted(
    {
        route.view
        for route in routes()
        if isinstance(route.view, type) and issubclass(route.view, StaffListView) and route.view.model._meta.label not in SMALL
    },
    key=lambda view: view.__name__,
)


def leading(table: str) -> set[str]:
    """What the usable indexes of a table begin with: a column, or upper(column)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_indexdef(indexrelid, 1, true) FROM pg_index WHERE indrelid = %s::regclass AND indisvalid"
            " AND indpred IS NULL",
            [table],
        )
        return {name.replace("::text", "").strip("()").replace("upper(", "upper ") for (name,) in cursor.fetchall()}


def sorts(view) -> list[str]:
    """Every sort that the list offers, and its own."""
    names = {field.name for field in view.model._meta.concrete_fields} | {"pk"}
    known = {column.key for column in view.columns}
    common = [column for column in COMMON if column.key in names - known]
    offered = {column.sort for column in [*view.columns, *common] if column.sort}
    return sorted(offered | {view.sort.lstrip("-")})


def is_unique(model, path: str) -> bool:
    """No two rows have the same value, so that the row number never decides."""
    return path == "pk" or model._meta.get_field(path).unique


@pytest.fixture
def no_sorting(db):
    """Tables are small in tests, so the planner is told that reading or sorting them whole is dear."""
    for way in ("enable_seqscan", "enable_sort", "enable_bitmapscan"):
        allow(way, False)


def allow(way: str, allowed: bool) -> None:
    """Lets the planner use a way of reading, until the transaction ends, or tells it that the way is dear."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {way} = {'on' if allowed else 'off'}")


@pytest.mark.parametrize("view", LISTS, ids=lambda view: view.__name__)
def test_each_sort_has_its_index(view, no_sorting):
    """From the first page and from a cursor: read in the order of an index, nothing sorted."""
    rows = view.model._base_manager.all()
    for sort in sorts(view):
        unique = is_unique(view.model, sort)
        # Sorting equal values by row number costs nothing where no two are equal; elsewhere a table of few rows looks just as cheap.
        allow("enable_incremental_sort", unique)
        for direction in ("", "-"):
            order = paging.Order.parse(direction + sort)
            first = paging._parts(rows, order, None, False)[0]
            plan = first.values("pk")[:26].explain()
            is_carried = "Sort" not in plan or (unique and "Presorted Key" in plan)
            assert is_carried, f"{view.__name__} offers to sort by {sort}; no index carries it and the row number"


@pytest.mark.parametrize("view", LISTS, ids=lambda view: view.__name__)
def test_each_filter_has_its_index(view):
    """A value that nobody has is found missing without reading the table."""
    begins = leading(view.model._meta.db_table)
    for item in view.filters:
        if (view.model._meta.label, item.key) in WITHOUT or not isinstance(item, KINDS):
            continue
        if isinstance(item, Text) and item.uses_words(view.model) and has_extension():
            continue
        columns = {key: field.column for field in view.model._meta.concrete_fields for key in (field.name, field.attname)}
        column = columns.get(item.key) or columns[f"{item.key}_id"]
        folded = isinstance(item, Text) and item.lookup.startswith("i")
        wanted = f"upper {column}" if folded else column
        assert wanted in begins, f"{view.__name__} filters by {item.key}; no index of {view.model._meta.db_table} begins with it"
        assert not isinstance(item, Text) or isinstance(item, Code) or item.lookup != "icontains", f"{view.__name__}: {item.key}"


def test_large_tables_are_watched():
    """The names above still are names, and what matters most is not among the small ones."""
    watched = {view.model._meta.label for view in LISTS}
    large = {
        *("clients.Client", "billing.Invoice", "billing.Subscription", "billing.Payment", "billing.Order", "billing.CreditNote"),
        *("billing.BankLine", "billing.JournalEntry", "provisioning.Service", "provisioning.Operation", "support.Ticket"),
        *("core.Change", "core.Message"),
    }
    assert large <= watched
    assert {label for label, _key in WITHOUT} <= watched
