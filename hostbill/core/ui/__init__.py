"""What the templates' `{% load ui %}` is made of: words for values, form rows, charts."""
