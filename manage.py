#!/usr/bin/env python
"""Cradle's commands. Without DATABASE_URL and REDIS_URL each of them runs on local servers, started here if need be."""

import os
import sys

from trial.conf import local_services

QUIET = {"demo", "test"}  # they say themselves what they run on
NEED_NO_SERVERS = {"help", "version", "--help", "-h", "--version"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.conf.settings")
    if sys.argv[1:2] == ["demo"]:
        os.environ["CRADLE_DEMO"] = "1"  # for the settings, here and in the demo's processes
    if not (os.environ.get("DATABASE_URL") or os.environ.get("REDIS_URL")):
        use_local_services(sys.argv[1:])
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def use_local_services(arguments: list[str]) -> None:
    """Start the local servers, but for a command that only says something about commands."""
    if not arguments or NEED_NO_SERVERS.intersection(arguments):
        name_servers_without_starting()
        return
    try:
        services = local_services.ensure()
    except local_services.LocalServicesError as problem:
        sys.exit(f"Local services: {problem}")
    local_services.export(services)
    if arguments[0] not in QUIET:
        print(f"Local servers in {services.data}: for one desk, never for production.", file=sys.stderr)


def name_servers_without_starting() -> None:
    """The settings need addresses to list the commands; nothing connects to them."""
    os.environ.setdefault("SECRET_KEY", "no request is answered")
    os.environ.update(CRADLE_LOCAL="1", DATABASE_URL="postgresql:///cradle", REDIS_URL="redis+socket:///none")


if __name__ == "__main__":
    main()
