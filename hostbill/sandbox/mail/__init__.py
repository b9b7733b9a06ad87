"""A mail server that delivers nothing: it takes every message by SMTP and shows it on a page and as JSON."""
