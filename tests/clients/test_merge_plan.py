"""Whatever belongs to a client is named in the plan of a merge, so that nothing stays behind because nobody thought of it."""

from django.apps import apps

from billing.models import Account
from clients.actions.merge_plan import parts
from clients.models import Client


def columns_of_clients() -> set[str]:
    """Every foreign key to a client or an account, and every number that is one's without being a key."""
    found = set()
    for model in apps.get_models():
        if model._meta.auto_created or model._meta.proxy:
            continue
        for field in model._meta.get_fields():
            if not getattr(field, "concrete", False):
                continue
            is_key = field.is_relation and field.related_model in (Client, Account)
            if is_key or (not field.is_relation and field.name in ("client_id", "account_id")):
                found.add(f"{model._meta.label}.{field.name}")
    return found


def test_every_column_that_names_a_client_is_in_the_plan_once():
    planned = [column for part in parts() for column in part.columns]
    assert sorted(planned) == sorted(columns_of_clients())


def test_the_plan_names_the_reverse_relations_that_django_knows_of():
    related = {r.field for model in (Client, Account) for r in model._meta.get_fields(include_hidden=True)
               if r.auto_created and not r.concrete}  # fmt: skip
    planned = {apps.get_model(*column.split(".")[:2])._meta.get_field(column.split(".")[2]) for part in parts() for column in part.columns}
    assert related <= planned


def test_what_stays_says_why_where_people_know_of_it():
    assert all(part.why for part in parts() if part.label and part.move is None)
