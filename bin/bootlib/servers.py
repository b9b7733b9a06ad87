"""PostgreSQL and Valkey: embedded ones, or those that DATABASE_URL and REDIS_URL name."""

import os

from bootlib.children import Supervisor
from bootlib.console import step
from bootlib.data import Data
from bootlib.postgres import Postgres
from bootlib.valkey import Valkey


def start_servers(data: Data, supervisor: Supervisor, *, durable: bool = True) -> tuple[str, str]:
    """Starts what is not given by the environment; returns DATABASE_URL and REDIS_URL."""
    database_url = os.environ.get("DATABASE_URL") or start_postgres(data, supervisor, durable)
    redis_url = os.environ.get("REDIS_URL") or start_valkey(data, supervisor)
    return database_url, redis_url


def start_postgres(data: Data, supervisor: Supervisor, durable: bool) -> str:
    """Starts the embedded PostgreSQL and makes the database; returns its URL."""
    with step("Starting PostgreSQL"):
        server = Postgres(data, durable=durable)
        server.initialise()
        supervisor.start(server.spec())
        server.create_database()
    return server.url


def start_valkey(data: Data, supervisor: Supervisor) -> str:
    """Starts the embedded Valkey; returns its URL."""
    with step("Starting Valkey"):
        server = Valkey(data)
        server.initialise()
        supervisor.start(server.spec())
    return server.url
