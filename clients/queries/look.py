"""The person's language and colours, carried by cookies so that pages without a query know them too."""

from django.conf import settings

YEAR = 365 * 24 * 3600
THEME_COOKIE = "theme"


def remember_look(response, user):
    """Let the browser remember what the profile says."""
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, max_age=YEAR, samesite="Lax")
    if user.theme == user.Theme.AUTO:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    else:
        response.set_cookie(THEME_COOKIE, user.theme, max_age=YEAR, samesite="Lax")
