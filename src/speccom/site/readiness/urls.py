"""The addresses of assessments; each view states who may open it."""

from django.urls import path

from speccom.site.readiness import views

urlpatterns = [
    path("", views.rounds, name="readiness"),
    path("rounds/<int:number>/", views.round_, name="readiness_round"),
    path("rounds/<int:number>/file/", views.file, name="readiness_file"),
    path("rounds/<int:number>/change/", views.change, name="readiness_change"),
    path("rounds/<int:number>/begin/", views.begin, name="readiness_begin"),
    path("<int:number>/", views.assessment, name="readiness_assessment"),
    path("<int:number>/boards/", views.gather, name="readiness_gather"),
    path("<int:number>/tests/<slug:criterion>/", views.test, name="readiness_test"),
    path("<int:number>/add/<slug:kind>/", views.add_point, name="readiness_point_add"),
    path("<int:number>/points/<int:point>/", views.point, name="readiness_point"),
    path("<int:number>/points/<int:point>/remove/", views.remove_point, name="readiness_remove_point"),
    path("<int:number>/recommendation/", views.recommend, name="readiness_recommend"),
    path("<int:number>/evidence/", views.send, name="readiness_send"),
    path("<int:number>/evidence/remove/", views.remove_evidence, name="readiness_remove_evidence"),
    path("<int:number>/evidence/<int:evidence>/", views.evidence, name="readiness_evidence"),
    path("<int:number>/move/<slug:name>/", views.move, name="readiness_move"),
]
