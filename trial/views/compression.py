"""Pages, styles and scripts travel compressed: a first visit from a ward's network is light."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml")


class CompressionMiddleware(GZipMiddleware):
    """Compress texts that a browser shows. Not the API, whose ETag is a version; not files, which are compressed."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_text = response.headers.get("Content-Type", "").startswith(TEXTS)
        if request.path.startswith("/api/") or not is_text:
            return response
        return super().process_response(request, response)
