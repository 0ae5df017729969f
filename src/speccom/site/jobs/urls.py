"""The addresses of work in the background."""

from django.urls import path

from speccom.site.jobs import views

urlpatterns = [
    path("", views.jobs, name="jobs"),
    path("<int:number>/again/", views.again, name="job_again"),
]
