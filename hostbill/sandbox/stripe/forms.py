"""Stripe's form encoding: `card[number]=4242&items[0][price]=x&expand[]=customer` becomes nested dicts and lists."""

import re
from urllib.parse import parse_qsl

from hostbill.sandbox.stripe.errors import invalid

PART = re.compile(r"\[([^\]]*)\]")


def parse(text: str) -> dict:
    """Decode one query string or body. Values stay strings; an empty string unsets, as at Stripe."""
    tree: dict = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        _put(tree, [name.split("[", 1)[0], *PART.findall(name)], value)
    return _lists(tree)


def _put(tree: dict, path: list[str], value: str) -> None:
    node = tree
    for part, following in zip(path, [*path[1:], None], strict=True):
        key = part if part != "" else str(len(node))
        if following is None:
            node[key] = value
            return
        node = node.setdefault(key, {})
        if not isinstance(node, dict):
            raise invalid(f"Invalid request: {path[0]} is given both as a value and as a hash", param=path[0])


def _lists(node):
    """Turn every dict whose keys are 0..n-1 into a list."""
    if not isinstance(node, dict):
        return node
    inner = {key: _lists(value) for key, value in node.items()}
    if inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def integer(params: dict, name: str, default=None):
    value = params.get(name, default)
    if value is None or isinstance(value, int):
        return value
    if not re.fullmatch(r"-?\d+", str(value)):
        raise invalid(f"Invalid integer: {value}", param=name, code="parameter_invalid_integer")
    return int(value)


def boolean(params: dict, name: str, default=False) -> bool:
    value = params.get(name, default)
    if isinstance(value, bool):
        return value
    if value not in ("true", "false"):
        raise invalid(f"Invalid boolean: {value}", param=name)
    return value == "true"


def metadata(old: dict, params: dict) -> dict:
    """Merge the given metadata: an empty value drops its key, an empty string in place of the hash drops all."""
    given = params.get("metadata")
    if given is None:
        return old
    if given == "":
        return {}
    if isinstance(given, list):
        given = {str(place): value for place, value in enumerate(given)}
    if not isinstance(given, dict):
        raise invalid("Invalid hash", param="metadata")
    merged = {**old, **{key: value for key, value in given.items() if value != ""}}
    for key in [key for key, value in given.items() if value == ""]:
        merged.pop(key, None)
    if len(merged) > 50 or any(len(key) > 40 or len(value) > 500 for key, value in merged.items()):
        raise invalid("Metadata may have 50 keys of 40 characters with values of 500 characters.", param="metadata")
    return merged
