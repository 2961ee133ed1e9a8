"""The trial's statistics: plain numbers in, frozen dataclasses out. No Django, no database, no printing."""
