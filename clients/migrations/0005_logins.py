"""Logins are searched by words; colleagues are found among many clients' people."""

from django.db import migrations, models

from hostbill.core.migrating import AddIndexConcurrently
from hostbill.core.search import WordIndex


class Migration(migrations.Migration):
    """Not atomic: the indexes are made concurrently."""

    atomic = False
    dependencies = [("clients", "0004_list_order"), ("core", "0009_activity_words")]
    operations = [
        WordIndex("clients_user", "clients_user_words", "email", "name", "native_name"),
        AddIndexConcurrently(
            "user",
            models.Index(fields=["email", "id"], name="clients_user_staff", condition=models.Q(is_staff=True)),
        ),
    ]
