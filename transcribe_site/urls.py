"""All addresses of the site."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from jobs.live.wsgi import refuse_stream
from jobs.tus.wsgi import refuse_uploads

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("jobs.web.urls")),
    path("", include("accounts.urls")),
    path("", include("notifications.urls")),
    path("", include("versioning.urls")),
    path("api/uploads/", refuse_uploads, name="uploads_refused"),
    path("api/uploads/<path:rest>", refuse_uploads, name="uploads_refused"),
    path("api/events/", refuse_stream, name="stream_refused"),
    path("api/notifications/", include("notifications.api.urls")),
    path("api/", include("jobs.api.urls")),
    path("admin/", admin.site.urls),
]
handler400 = "problems.bad_request"
handler403 = "problems.permission_denied"
handler404 = "problems.not_found"
handler500 = "problems.server_error"
