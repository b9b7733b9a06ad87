"""Finding rows by the words people remember, however spelt: fast on large tables, and never stale.

A model names the columns that people search by: ``SEARCH = Words("clients_client_words", "company", "email", ...)``. A trigram
index over these columns (an index, so it is true by definition: no copy of the words that could lag behind a rename) answers
three questions: which rows hold these words, hold them at the start of a word, or hold something spelt like them.

The index needs PostgreSQL's extension pg_trgm. Where the database user may not create it and nobody did, everything works
but slower, and spelling must be right; the health page says so, and ``manage.py search_index`` mends it later.
"""

from dataclasses import dataclass
from functools import reduce
from operator import and_

from django.apps import apps
from django.db import Error, connection, migrations, models, transaction
from django.db.models import F, Func, Q, Value
from django.db.models.expressions import CombinedExpression

#: Letters that people type without their marks, one to one, so that positions stay. Part of the indexed function: a change
#: here needs a migration that makes function and indexes anew.
MARKED = "àáâãäåāăąçćčďđðèéêëēėęěğģìíîïīįİıķłļľñńņňòóôõöøőōřŗßśşšșţťțùúûüūůűųýÿźżž"
PLAIN = "aaaaaaaaacccdddeeeeeeeeggiiiiiiiiklllnnnnoooooooorrssssstttuuuuuuuuyyzzz"
TABLE = str.maketrans(MARKED, PLAIN)
FUNCTION = f"""
CREATE OR REPLACE FUNCTION hostbill_fold(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT ' ' || translate(lower(words), '{MARKED}', '{PLAIN}') || ' ' $$
"""
LONGEST = 100  # characters of a question; more would only cost
FEWEST_LETTERS = 3  # below, only beginnings of words are looked for: there is no trigram inside
LIKENESS = 0.4  # of word_similarity: one or two letters wrong in a name
EXTENSION = "pg_trgm"


def fold(text: str) -> str:
    """As the database compares: small letters without marks, single spaces."""
    return " ".join(text.replace("\x00", "").replace("İ", "i").lower().translate(TABLE).split())[:LONGEST].strip()


class Fold(Func):
    """The indexed function; text begins and ends with a space."""

    function = "hostbill_fold"
    output_field = models.TextField()


@dataclass(frozen=True)
class Words:
    """Which columns of a model people search by. ``index``: name of the index over them."""

    index: str
    fields: tuple

    def __init__(self, index: str, *fields: str):
        object.__setattr__(self, "index", index)
        object.__setattr__(self, "fields", fields)

    def expression(self) -> Fold:
        """All columns as one folded text."""
        text = models.TextField()
        joined = F(self.fields[0])
        for name in self.fields[1:]:
            spaced = CombinedExpression(joined, "||", Value(" "), output_field=text)
            joined = CombinedExpression(spaced, "||", F(name), output_field=text)
        return Fold(joined)

    def sql(self) -> str:
        """The same for CREATE INDEX."""
        return "hostbill_fold(" + " || ' ' || ".join(self.fields) + ")"


def matching(rows, text: str):
    """The rows of a model with ``SEARCH`` that hold every word of the text."""
    found = [_contains(word) for word in fold(text).split()]
    return rows.alias(found_words=rows.model.SEARCH.expression()).filter(reduce(and_, found)) if found else rows.none()


def _contains(word: str) -> Q:
    return Q(found_words__contains=word if len(word) >= FEWEST_LETTERS else f" {word}")


def _begins(word: str) -> Q:
    return Q(found_words__contains=f" {word}")


def best(querysets, text: str, most: int) -> dict:
    """Model -> ids of the best rows that hold all words, whole words first, then beginnings, then parts. One query."""
    words = fold(text).split()
    if not words or not querysets:
        return {}
    phrase = " ".join(words)
    whole, start = Q(found_words__contains=f" {phrase} "), Q(found_words__contains=f" {phrase}")
    begun, held = reduce(and_, map(_begins, words)), reduce(and_, map(_contains, words))
    tiers = [whole, start & ~whole]
    tiers += [begun & ~start] if len(words) > 1 else []
    tiers += [held & ~begun] if len(max(words, key=len)) >= FEWEST_LETTERS else []
    parts = []
    for number, rows in enumerate(querysets):
        rows = rows.alias(found_words=rows.model.SEARCH.expression()).order_by()
        parts.append([rows.filter(tier).values_list(Value(number), "pk")[:most] for tier in tiers])
    return _ids(querysets, parts, most)


def like(querysets, text: str, most: int) -> dict:
    """Model -> ids of rows spelt most like the text; nothing without the extension. One query."""
    words = fold(text)
    if len(words) < FEWEST_LETTERS or not querysets or not has_extension():
        return {}
    parts = []
    for number, rows in enumerate(querysets):
        text_of, asked = rows.model.SEARCH.expression(), Value(words)
        alike = Func(asked, text_of, template="%(expressions)s", arg_joiner=" <%% ", output_field=models.BooleanField())
        likeness = Func(asked, text_of, function="word_similarity", output_field=models.FloatField())
        rows = rows.filter(alike).order_by(likeness.desc(), "-pk")
        parts.append([rows.values_list(Value(number), "pk")[:most]])
    return _ids(querysets, parts, most)


def _ids(querysets, parts, most: int) -> dict:
    """Runs all parts as one query. Each model's parts stop as soon as there are enough rows."""
    statements, values = [], []
    for tiers in parts:
        compiled = [rows.query.sql_with_params() for rows in tiers]
        together = " UNION ALL ".join(f"({sql})" for sql, _params in compiled)
        statements.append(f"(SELECT * FROM ({together}) AS tier LIMIT {int(most)})")  # noqa: S608 - compiled by the ORM
        values += [value for _sql, params in compiled for value in params]
    with transaction.atomic(), connection.cursor() as cursor:
        # Reading whole tables can look cheap to the planner, which guesses how common a word is.
        cursor.execute(
            "SELECT set_config('enable_seqscan', 'off', true), set_config('pg_trgm.word_similarity_threshold', %s, true)",
            [str(LIKENESS)],
        )
        cursor.execute(" UNION ALL ".join(statements), values)
        found = cursor.fetchall()
        cursor.execute("SELECT set_config('enable_seqscan', 'on', true)")
    ids: dict = {rows.model: [] for rows in querysets}
    for number, pk in found:
        ids[querysets[number].model].append(pk)
    return ids


def has_extension() -> bool:
    """Whether spelling may be wrong: pg_trgm is there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regproc('word_similarity') IS NOT NULL")
        return cursor.fetchone()[0]


def searched_models() -> list:
    """Every model with ``SEARCH``."""
    return [model for model in apps.get_models() if hasattr(model, "SEARCH")]


def missing_indexes() -> list[str]:
    """Names of word indexes that are not there, or were left half made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE indisvalid")
        valid = {name for (name,) in cursor.fetchall()}
    return [model.SEARCH.index for model in searched_models() if model.SEARCH.index not in valid]


def create_extension(using) -> bool:
    """Create pg_trgm where we may; False when it is not there afterwards."""
    try:
        with transaction.atomic(using=using.alias), using.cursor() as cursor:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {EXTENSION}")
    except Error:
        pass  # no right to, or not installed: an administrator may have made it, which is asked next
    with using.cursor() as cursor:
        cursor.execute("SELECT to_regproc('word_similarity') IS NOT NULL")
        return cursor.fetchone()[0]


def create_index(using, table: str, words: Words) -> bool:
    """Make the index without keeping writers out; False without the extension. Must not run in a transaction."""
    with using.cursor() as cursor:
        cursor.execute("SELECT to_regproc('word_similarity') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid", [words.index])
        if cursor.fetchone():  # left half made by an interrupted try
            cursor.execute(f"DROP INDEX CONCURRENTLY {words.index}")
        cursor.execute(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {words.index} ON {table} USING gin ({words.sql()} gin_trgm_ops)"
        )
    return True


class WordIndex(migrations.RunPython):
    """Migration operation (in a migration with ``atomic = False``): the index of ``Words`` over a table."""

    def __init__(self, table: str, index: str, *fields: str):
        words = Words(index, *fields)
        super().__init__(
            lambda _apps, editor: create_index(editor.connection, table, words),
            lambda _apps, editor: editor.connection.cursor().execute(f"DROP INDEX IF EXISTS {index}"),
            atomic=False,
        )
