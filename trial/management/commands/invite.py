"""The first person of an installation: who may then invite everybody else on the pages."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from trial import actions
from trial.models import User


class Command(BaseCommand):
    help = "Make an account with a role of the study, and mail its owner an address to set the password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="as it is to be printed")
        parser.add_argument("--email", required=True)
        parser.add_argument("--role", default="trial-manager", help="default: trial-manager")
        parser.add_argument("--url", required=True, help="the address of the product, for example https://edc.example")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            invitation = actions.invite(
                username=options["username"],
                full_name=options["name"],
                email=options["email"],
                role_code=options["role"],
                by=User.objects.system(),
                base_url=options["url"].rstrip("/"),
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except ValueError as error:
            raise CommandError(str(error)) from error
        until = f"{invitation.expires_at:%d-%b-%Y %H:%M} UTC"
        self.stdout.write(f"{options['name']} is invited; the mailed address works until {until}.")
