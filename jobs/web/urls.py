"""Addresses of the pages and of the fragments that they poll."""

from django.urls import path

from jobs.web import home

urlpatterns = [
    path("", home.show_home, name="home"),
    path("recordings/", home.show_home, name="recordings"),
]
