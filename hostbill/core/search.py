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
from django.db import Error, OperationalError, connection, migrations, models, transaction
from django.db.models import F, Func, Q, Value
from django.db.models.expressions import CombinedExpression

#: Letters that people type without their marks, and what stands between words; one to one, so that positions stay. Part of the
#: indexed function: a change here needs a migration that makes function and indexes anew.
MARKED = "àáâãäåāăąçćčďđðèéêëēėęěğģìíîïīįİıķłļľñńņňòóôõöøőōřŗßśşšșţťțùúûüūůűųýÿźżž"
PLAIN = "aaaaaaaaacccdddeeeeeeeeggiiiiiiiiklllnnnnoooooooorrssssstttuuuuuuuuyyzzz"
BETWEEN = '.,;:!?@/\\|_-+*~#&%$^=()[]{}<>"`'
TABLE = str.maketrans(MARKED + BETWEEN, PLAIN + " " * len(BETWEEN))
FUNCTION = f"""
CREATE OR REPLACE FUNCTION hostbill_fold(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT ' ' || translate(lower(words), '{MARKED}{BETWEEN}', '{PLAIN}{" " * len(BETWEEN)}') || ' ' $$
"""
LONGEST = 100  # characters of a question; more would only cost
FEWEST_LETTERS = 3  # below, only beginnings of words are looked for: there is no trigram inside
#: word_similarity that is tried first, then for long words (one letter wrong changes little of them) and for short ones.
LIKENESS, LIKENESS_LONG, LIKENESS_SHORT, LONG = 0.6, 0.42, 0.5, 8
MOST_DOUBTED = 6  # words: a whole sentence is no misspelt name
MOST_INDEXED = 4  # words of a question that the index is asked for, the longest; whether a row holds the others too is seen in the row
CANDIDATES = 80  # rows among which the best are looked for, so that common words cost no more than rare ones
PATIENCE_MS = (
    400  # words that are too common for their index give nothing rather than wait; numbers are found all the same
)
PENDING_KB = 512  # of new words, which are sorted in by the writer who fills the list: short, so that nobody waits long
EXTENSION = "pg_trgm"
TOO_LONG = "57014"  # query_canceled


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

    def sql(self, table: str = "") -> str:
        """The same for CREATE INDEX, and for a question about this table: to put it together costs Django as much as the answer."""
        columns = [f'"{table}"."{name}"' for name in self.fields] if table else self.fields
        return "hostbill_fold(" + " || ' ' || ".join(columns) + ")"

def matching(rows, text: str):
    """The rows of a model with ``SEARCH`` that hold every word of the text."""
    found = [_contains(word) for word in fold(text).split()]
    return rows.alias(found_words=rows.model.SEARCH.expression()).filter(reduce(and_, found)) if found else rows.none()


def holding(rows, text: str):
    """The rows of a model with ``SEARCH`` in whose words these letters stand, as typed: all in which one column contains them."""
    letters = text.replace("İ", "i").lower().translate(TABLE)
    return rows.alias(found_words=rows.model.SEARCH.expression()).filter(found_words__contains=letters)


def _contains(word: str) -> Q:
    return Q(found_words__contains=word if len(word) >= FEWEST_LETTERS else f" {word}")


def best(querysets, text: str, most: int, as_one: bool = False) -> dict:
    """Model -> ids of the best rows that hold all words: the whole phrase, its beginning, beginnings of words, parts. One query.

    ``as_one``: the text is one word although signs stand in it, as in a mail address, and nobody types the middle of it."""
    words = [fold(text)] if as_one else fold(text).split()
    if not querysets or len("".join(words)) < 2:
        return {}
    start = f" {' '.join(words)}"
    begun, held = [f" {word}" for word in words], [word if len(word) >= FEWEST_LETTERS else f" {word}" for word in words]
    more = [(begun, [start])] if len(words) > 1 else []
    more += [(held, begun)] if len(max(words, key=len)) >= FEWEST_LETTERS and not as_one else []
    sources = [_Source(place, rows) for place, rows in enumerate(querysets)]
    tiers = [[rows.fitting(rows.whole(f"{start} "), rows.holds([start]), most)] for rows in sources]
    for rows, tier in zip(sources, tiers, strict=True):
        tier += [rows.any(rows.holds(having, but), most) for having, but in more]
    return _ids(querysets, tiers, most, LIKENESS)


def like(querysets, text: str, most: int) -> dict:
    """Model -> ids of rows spelt most like the text; nothing without the extension. Two queries at most."""
    words = fold(text)
    if len(words) < FEWEST_LETTERS or words.count(" ") >= MOST_DOUBTED or not querysets or not has_extension():
        return {}
    less = LIKENESS_LONG if len(max(words.split(), key=len)) >= LONG else LIKENESS_SHORT
    found = _like(querysets, words, most, LIKENESS)
    return found if any(found.values()) else _like(querysets, words, most, less)


def _like(querysets, words: str, most: int, likeness: float) -> dict:
    sources = [_Source(place, rows) for place, rows in enumerate(querysets)]
    return _ids(querysets, [[rows.fitting(rows.distance(words), rows.alike(words), most)] for rows in sources], most, likeness)


class _Source:
    """The rows of a queryset among which words are looked for. Its questions are put together as text, each with its values: each
    noun needs several, and one costs Django more than the database. ``place``: which of the querysets it is."""

    def __init__(self, place: int, rows):
        self.place, table = place, rows.model._meta.db_table
        sql, self.values = rows.order_by().values("pk").query.sql_with_params()
        _columns, _from, self.rows = sql.partition(" FROM ")
        self.rows += " AND " if " WHERE " in self.rows else " WHERE "
        self.key, self.text = f'"{table}"."{rows.model._meta.pk.column}"', rows.model.SEARCH.sql(table)

    def holds(self, parts: list[str], but: list[str] | None = None) -> tuple:
        """The condition that a row's words hold all these parts, and not all of the others."""
        parts = sorted(parts, key=len, reverse=True)
        asked, seen = parts[:MOST_INDEXED], parts[MOST_INDEXED:]
        sql = " AND ".join([f"{self.text} LIKE %s"] * len(asked) + [f"strpos({self.text}, %s) > 0"] * len(seen))
        sql += f" AND NOT ({' AND '.join([f'{self.text} LIKE %s'] * len(but))})" if but else ""
        return sql, [*(f"%{part}%" for part in asked), *seen, *(f"%{part}%" for part in but or ())]

    def alike(self, words: str) -> tuple:
        """The condition that a row is spelt like this, by the likeness set for the query."""
        return f"%s <%% {self.text}", [words]

    def whole(self, phrase: str) -> tuple:
        """How far a row is from what is asked for: 0 when it holds the whole phrase."""
        return f"CASE WHEN {self.text} LIKE %s THEN 0 ELSE 1 END", [f"%{phrase}%"]

    def distance(self, words: str) -> tuple:
        """The same by spelling."""
        return f"-word_similarity(%s, {self.text})", [words]

    def fitting(self, fit: tuple, condition: tuple, most: int) -> tuple:
        """Those that fit best, newest first where they fit alike, among the first candidates."""
        inner = f"SELECT {self.key} AS pk, {fit[0]} AS fit FROM {self.rows}{condition[0]} LIMIT {CANDIDATES}"  # noqa: S608
        sql = f"SELECT {self.place} AS model, pk FROM ({inner}) AS near ORDER BY fit, pk DESC LIMIT {int(most)}"  # noqa: S608
        return sql, [*fit[1], *self.values, *condition[1]]

    def any(self, condition: tuple, most: int) -> tuple:
        """Whichever are found first."""
        sql = f"SELECT {self.place} AS model, {self.key} AS pk FROM {self.rows}{condition[0]} LIMIT {int(most)}"  # noqa: S608
        return sql, [*self.values, *condition[1]]


def _ids(querysets, tiers, most: int, likeness: float) -> dict:
    """Runs all tiers, each (statement, values), as one query. A model's tiers stop as soon as there are enough rows."""
    statements, values = [], []
    for tier in tiers:
        together = " UNION ALL ".join([f"({sql})" for sql, _values in tier])
        statements.append(f"(SELECT * FROM ({together}) AS tiers LIMIT {int(most)})")  # noqa: S608 - names of our own columns
        values += [value for _sql, found in tier for value in found]
    ids: dict = {rows.model: [] for rows in querysets}
    for place, pk in _run(" UNION ALL ".join(statements), values, likeness):
        ids[querysets[place].model].append(pk)
    return ids


#: Reading whole tables can look cheap to the planner, which guesses how common a word is. Holds until the transaction ends.
_CAREFULLY = (
    "SELECT set_config('enable_seqscan', 'off', true), set_config('statement_timeout', %s, true),"
    " set_config('pg_trgm.word_similarity_threshold', %s, true); "
)
_AS_BEFORE = "SELECT set_config('enable_seqscan', 'on', true), set_config('statement_timeout', '0', true)"


def _run(statement: str, values: list, likeness: float) -> list:
    """The rows; none when it would take too long."""
    is_inside = connection.in_atomic_block
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_CAREFULLY + statement, [str(PATIENCE_MS), str(likeness), *values])
            found = cursor.fetchall()
            if is_inside:
                cursor.execute(_AS_BEFORE)
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != TOO_LONG:
            raise
        return []
    return found


_extension_seen = False


def has_extension() -> bool:
    """Whether spelling may be wrong: pg_trgm is there. Asked until it is, since an administrator may make it at any time."""
    global _extension_seen
    if not _extension_seen:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regproc('word_similarity') IS NOT NULL")
            _extension_seen = cursor.fetchone()[0]
    return _extension_seen


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
            f" WITH (gin_pending_list_limit = {PENDING_KB})"
        )
    return True


def reindex(using) -> None:
    """Make every word index anew, after the function changed."""
    with using.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE pg_get_indexdef(indexrelid) LIKE '%%hostbill_fold%%'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"REINDEX INDEX CONCURRENTLY {name}")


class WordIndex(migrations.RunPython):
    """Migration operation (in a migration with ``atomic = False``): the index of ``Words`` over a table."""

    def __init__(self, table: str, index: str, *fields: str):
        words = Words(index, *fields)
        super().__init__(
            lambda _apps, editor: create_index(editor.connection, table, words),
            lambda _apps, editor: editor.connection.cursor().execute(f"DROP INDEX IF EXISTS {index}"),
            atomic=False,
        )
