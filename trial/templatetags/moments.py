"""Moments as a person at the site reads them."""

from datetime import datetime

from django import template

from trial import moments

register = template.Library()


@register.filter
def at_site(moment: datetime, zone: str) -> str:
    """The site's clock, with UTC beside."""
    return moments.both(moment, zone)
