"""All addresses of the site."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from jobs.live.streams_wsgi import refuse_stream
from jobs.tus.tus_wsgi import refuse_uploads

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
handler400 = "foundation.problems.bad_request"
handler403 = "foundation.problems.permission_denied"
handler404 = "foundation.problems.not_found"
handler500 = "foundation.problems.server_error"
