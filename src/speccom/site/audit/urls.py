"""The addresses of the record."""

from django.urls import path

from speccom.site.audit import views

urlpatterns = [
    path("", views.entries, name="audit"),
    path("file/", views.file, name="audit_file"),
    path("<int:number>/", views.entry, name="audit_entry"),
]
