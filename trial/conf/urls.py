from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("trial.urls")),
    path("reports/", include("reports.urls")),
    path("api/v1/", include("trial.api.urls")),
]
handler404 = "trial.views.not_found.not_found"
