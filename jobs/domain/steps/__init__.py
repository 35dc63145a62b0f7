"""What workers do: prepare, transcribe, finish, and the repair of lost steps."""
