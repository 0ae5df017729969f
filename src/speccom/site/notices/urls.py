"""The addresses of notices."""

from django.urls import path

from speccom.site.notices import views

urlpatterns = [
    path("", views.notices, name="notices"),
    path("<int:number>/done/", views.finish, name="finish_notice"),
]
