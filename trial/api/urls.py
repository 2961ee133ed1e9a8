from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from trial.api import reviews, views
from trial.api.signatures import SignatureViewSet
from trial.crf import registry

router = SimpleRouter()
router.register("subjects", views.SubjectViewSet, basename="api-subject")
router.register("queries", views.QueryViewSet, basename="api-query")
router.register("reviews", reviews.ReviewMarkViewSet, basename="api-review")
router.register("locks", reviews.LockViewSet, basename="api-lock")
router.register("signatures", SignatureViewSet, basename="api-signature")
for spec in registry.all_specs():
    router.register(f"forms/{spec.code}", views.form_viewset(spec), basename=f"api-{spec.code}")

urlpatterns = [
    path("token/", views.TokenView.as_view(), name="api-token"),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api-schema", template_name="trial/api_docs.html"),
        name="api-docs",
    ),
    *router.urls,
]
