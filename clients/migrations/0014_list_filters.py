"""What lists offer to sort and filter by has an index on each large table; made without keeping writers out."""

from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models.functions import Upper

from hostbill.core.migrating import AddIndexConcurrently
from hostbill.core.search import WordIndex


class Migration(migrations.Migration):
    """Not atomic: the indexes are made concurrently."""

    atomic = False
    dependencies = [("clients", "0013_client_token"), ("core", "0009_activity_words")]
    operations = [
        AddIndexConcurrently("client", models.Index(fields=["company", "id"], name="clients_client_by_company")),
        AddIndexConcurrently("client", models.Index(fields=["country"], name="clients_client_by_country")),
        AddIndexConcurrently("client", models.Index(OpClass(Upper("city"), "text_pattern_ops"), name="clients_client_by_city")),
        WordIndex("clients_contact", "clients_contact_words", "name", "email"),
    ]
