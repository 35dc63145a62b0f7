"""Streams of job events to pages and programs: server-sent events and WebSocket, from one hub in each web process."""
