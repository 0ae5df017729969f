"""The addresses of portfolio reviews; each view states who may open it."""

from django.urls import path

from speccom.site.portfolio import views

urlpatterns = [
    path("", views.rounds, name="portfolio"),
    path("<int:number>/", views.round_, name="portfolio_round"),
    path("<int:number>/move/<slug:name>/", views.move, name="portfolio_move"),
    path("<int:number>/compare/", views.compare, name="portfolio_compare"),
    path("<int:number>/file/", views.file, name="portfolio_file"),
    path("<int:number>/lines/<str:code>/", views.line, name="portfolio_line"),
    path("<int:number>/lines/<str:code>/override/", views.override, name="portfolio_override"),
]
