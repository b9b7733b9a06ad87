"""Fields that only some answers need: shown while one of those is chosen. The style sheet alone does it (`forms.css`), so it holds
without script; a browser that knows no `:has()` shows all of them, and the form refuses or drops what does not belong to the answer.

A form says so itself: ``cases = {"percent": ("kind", ("percent",))}``, field -> (the question, the answers that need it). A form has
at most two such questions, each with at most eight answers: a select or radio buttons."""

from django.utils.translation import gettext as _


def questions(form) -> list[str]:
    """Names of the fields that others depend on, in a fixed order."""
    return list(dict.fromkeys(question for question, _answers in getattr(form, "cases", {}).values()))


def question_number(bound) -> str:
    """ "1" or "2" for a field that others depend on; empty for every other."""
    asked = questions(bound.form)
    return str(asked.index(bound.name) + 1) if bound.name in asked else ""


def places(form, question: str, answers) -> str:
    """Where these answers stand, as the style sheet counts them: "1.2 1.3" is the second or third answer to the first question."""
    number = questions(form).index(question) + 1
    known = [str(value) for value, _words in form.fields[question].choices]
    return " ".join(f"{number}.{known.index(str(answer)) + 1}" for answer in answers if str(answer) in known)


def case_of(bound) -> str:
    """The places of the answers that need this field; empty for a field that is always there."""
    found = getattr(bound.form, "cases", {}).get(bound.name)
    return places(bound.form, *found) if found else ""


def refuse_strangers(form, data: dict) -> None:
    """An error beside each figure that was typed although another answer was chosen, where it has no meaning; the style sheet shows
    fields with errors whatever is chosen. What only stands there from before is left to the form, which drops it."""
    for name, (question, answers) in getattr(form, "cases", {}).items():
        typed = name in form.changed_data and data.get(name) not in (None, "", [])
        if typed and data.get(question) and data[question] not in answers:
            form.add_error(name, _("This belongs to another choice. Empty it, or choose that."))
