"""The addresses of decisions in the making; each view states who may open it."""

from django.urls import path

from speccom.site.decisions import views

urlpatterns = [
    path("", views.kept, name="decisions_kept"),
    path("draft/", views.draft, name="draft_decision"),
    path("<int:number>/", views.record, name="decision_record"),
    path("<int:number>/edit/", views.edit, name="edit_decision"),
    path("<int:number>/effect/", views.effect, name="decision_effect"),
    path("<int:number>/effect/differences.csv", views.differences, name="decision_differences"),
    path("<int:number>/change/", views.add_change, name="add_change"),
    path("<int:number>/change/remove/", views.remove_change, name="remove_change"),
    path("<int:number>/propose/", views.propose, name="propose_decision"),
    path("<int:number>/approve/", views.approve, name="approve_decision"),
    path("<int:number>/send-back/", views.send_back, name="send_back_decision"),
    path("<int:number>/adopt/", views.adopt, name="adopt_decision"),
    path("<int:number>/withdraw/", views.withdraw, name="withdraw_decision"),
]
