from django.contrib.auth import views as auth
from django.urls import path

from trial.views import blank_forms, design, forms, history, home, live, locks, people, queries, subjects
from trial.views.account import PasswordChange

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", home.search, name="search"),
    path("healthz", home.healthz, name="healthz"),
    path("outbox/", home.outbox, name="outbox"),
    path("sign-in/", auth.LoginView.as_view(redirect_authenticated_user=True), name="sign-in"),
    path("sign-out/", auth.LogoutView.as_view(), name="sign-out"),
    path("password/", PasswordChange.as_view(), name="password-change"),
    path("design/", design.design, name="design"),
    path("people/", people.people, name="people"),
    path("subjects/", subjects.subjects, name="subjects"),
    path("subjects/screen/", subjects.screen, name="screen"),
    path("subjects/<str:number>/", subjects.show_casebook, name="casebook"),
    path("subjects/<str:number>/lock/", subjects.lock_subject, name="lock-subject"),
    path("subjects/<str:number>/forms/<str:code>/new/", forms.new_form, name="form-new"),
    path("screening/", subjects.screening_log, name="screening-log"),
    path("forms/blank/", blank_forms.blank_form_list, name="blank-forms"),
    path("forms/blank/<str:code>.pdf", blank_forms.blank_form, name="blank-form"),
    path("subjects/<str:number>/next/", live.next_form, name="form-next"),
    path("forms/live/", live.live, name="form-live"),
    path("forms/<int:pk>/", forms.form, name="form"),
    path("forms/<int:pk>/items/<str:item>/history/", history.item_history, name="item-history"),
    path("forms/<int:pk>/delete/", forms.delete, name="form-delete"),
    path("forms/<int:pk>/ask/", queries.ask, name="form-ask"),
    path("forms/<int:pk>/lock/", locks.lock_form, name="form-lock"),
    path("queries/", queries.queries, name="queries"),
    path("queries/<int:pk>/", queries.query, name="query"),
    path("queries/<int:pk>/answer/", queries.answer_query, name="query-answer"),
    path("queries/<int:pk>/close/", queries.close_query, name="query-close"),
    path("queries/<int:pk>/reopen/", queries.reopen_query, name="query-reopen"),
]
