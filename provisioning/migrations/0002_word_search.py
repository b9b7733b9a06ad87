"""Search by words, without keeping writers out while the index is made."""

from django.db import migrations

from hostbill.core.search import WordIndex


class Migration(migrations.Migration):
    """Not atomic: the index is made concurrently."""

    atomic = False
    dependencies = [("provisioning", "0001_initial"), ("core", "0005_word_search")]
    operations = [
        WordIndex("provisioning_service", "provisioning_service_words", "domain", "username"),
    ]
