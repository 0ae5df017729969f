"""The addresses of the pages of money; what is asked stands in them, so that each answer can be cited."""

from django.urls import path

from speccom.site.finance.views import allocation, bases, needs, pools, position, scenarios, start

urlpatterns = [
    path("", start.start, name="finance"),
    path("allocation/", allocation.allocation, name="allocation"),
    path("explain/allocation/", allocation.explain, name="explain-allocation"),
    path("bases/", bases.bases, name="bases"),
    path("explain/bases/", bases.explain, name="explain-bases"),
    path("scenarios/", scenarios.listed, name="scenarios"),
    path("scenarios/new/", scenarios.new, name="new-scenario"),
    path("scenarios/compare/", scenarios.compare, name="compare-scenarios"),
    path("scenarios/<str:wanted>/", scenarios.result, name="scenario"),
    path("scenarios/<str:wanted>/explain/", scenarios.explain, name="explain-in-scenario"),
    path("explain/scenarios/<str:wanted>/", scenarios.explain, name="explain-scenario"),
    path("position/", position.position, name="position"),
    path("explain/position/", position.explain, name="explain-position"),
    path("pools/", pools.pools, name="pools"),
    path("explain/pool/", pools.explain, name="explain-pool"),
    path("needs/", needs.models, name="needs"),
    path("needs/<slug:key>/", needs.model, name="need"),
    path("explain/need/<slug:key>/", needs.explain, name="explain-need"),
]
