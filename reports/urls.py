from django.urls import path

from reports import since_report, views

urlpatterns = [
    path("", views.reports, name="reports"),
    path("build/", views.build, name="report-build"),
    path("changes/", since_report.changes, name="report-changes"),
    path("jobs/<int:pk>/", views.job, name="report-job"),
    path("files/<int:pk>/", views.download, name="report-file"),
    path("<int:number>/v<int:version>/", views.report, name="report"),
    path("<int:number>/v<int:version>/preview/", views.preview, name="report-preview"),
    path("<int:number>/v<int:version>/build/", views.build_again, name="report-build-again"),
    path("<int:number>/v<int:version>/check/", views.check, name="report-check"),
    path("<int:number>/v<int:version>/release/", views.release, name="report-release"),
    path("<int:number>/v<int:version>/<str:part>.zip", views.download_part, name="report-part"),
]
