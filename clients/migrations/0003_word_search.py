"""Search by words, without keeping writers out while the index is made."""

from django.db import migrations

from hostbill.core.search import WordIndex


class Migration(migrations.Migration):
    """Not atomic: the index is made concurrently."""

    atomic = False
    dependencies = [("clients", "0002_default_roles"), ("core", "0005_word_search")]
    operations = [
        WordIndex("clients_client", "clients_client_words", "company", "first_name", "last_name", "native_name", "email", "phone", "tax_id"),
    ]
