"""mypy's plugin for Django. It reads the settings, which want addresses; nothing connects to them."""

import os

os.environ.update(CRADLE_LOCAL="1", DATABASE_URL="postgresql:///cradle", REDIS_URL="redis+socket:///none")
os.environ.update(DJANGO_SETTINGS_MODULE="trial.conf.settings", SECRET_KEY="no request is answered")

from mypy_django_plugin.main import plugin

__all__ = ["plugin"]
