"""The web's entry. It does not start on a database that could not keep its promises (trial.database)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.conf.settings")
application = get_wsgi_application()

from trial import database  # noqa: E402  needs the apps
from trial.conf import celery, warm  # noqa: E402, F401  tasks are sent through this application

database.check_identity()
warm.warm_up()
