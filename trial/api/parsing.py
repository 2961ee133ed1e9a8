"""A request's JSON, as this API reads it."""

from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

TOO_DEEP = "The JSON is nested too deep to be read. Send one object: item names and answers."


class Json(JSONParser):
    """JSON that Python's reader gives up on, for its depth, is refused like any other that cannot be read."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError:
            raise ParseError(TOO_DEEP) from None
