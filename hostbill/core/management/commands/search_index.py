"""manage.py search_index: word indexes that could not be made when the tables were."""

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from hostbill.core import search


class Command(BaseCommand):
    """Makes what is missing; with --rebuild makes all anew. Nobody is kept from writing meanwhile."""

    help = "Make missing word indexes of the search (needs the extension pg_trgm); --rebuild makes all of them anew."

    def add_arguments(self, parser):
        parser.add_argument("--rebuild", action="store_true", help="make every word index anew")

    def handle(self, rebuild, **options):
        if not search.create_extension(connection):
            raise CommandError(
                "PostgreSQL's extension pg_trgm is missing and this database user may not create it. "
                "Let an administrator run: CREATE EXTENSION pg_trgm; then run this again."
            )
        if rebuild:
            search.reindex(connection)
        missing = search.missing_indexes()
        for model in search.searched_models():
            search.create_index(connection, model._meta.db_table, model.SEARCH)
        self.stdout.write(f"Made: {', '.join(missing) or 'nothing was missing'}")
