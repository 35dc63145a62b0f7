"""Clock, outages, leased rows and wake-ups over the database."""
