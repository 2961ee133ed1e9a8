"""What stands on paper beside what is on the page."""

from django import template

from trial import blank_forms
from trial.crf.spec import CrfSpec

register = template.Library()


@register.filter
def form_version(spec: CrfSpec) -> str:
    """The version of a CRF, as its blank form names it."""
    return blank_forms.version(spec)
