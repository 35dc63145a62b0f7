"""The child process and the pipe between it and its worker."""
