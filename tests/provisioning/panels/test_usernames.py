"""Generated names are acceptable to the panels and do not collide."""

import pytest

from provisioning.panels import usernames


@pytest.mark.parametrize(
    "domain",
    ["alice.example.com", "www.bob.de", "123.com", "9lives.org", "test.com", "admin.net", "xn--fa-hia.de", "a.io", ""],
)
def test_names_follow_the_rules(domain):
    names = {usernames.suggest(domain) for _ in range(50)}
    assert all(len(name) == 8 and name[0].isalpha() and usernames.is_allowed(name) for name in names)
    assert len(names) > 40


def test_name_resembles_the_domain():
    assert usernames.suggest("www.alice.example.com").startswith("alice")


@pytest.mark.parametrize("name", ["root", "Admin", "1abc", "testing1", "mypassword", "a-b", "ab", "a" * 17])
def test_bad_names(name):
    assert not usernames.is_allowed(name)
