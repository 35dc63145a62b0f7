"""All addresses of the site."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("jobs.web.urls")),
    path("", include("accounts.urls")),
    path("", include("versioning.urls")),
    path("api/", include("jobs.api.urls")),
    path("admin/", admin.site.urls),
]
handler400 = "problems.bad_request"
handler403 = "problems.permission_denied"
handler404 = "problems.not_found"
handler500 = "problems.server_error"
