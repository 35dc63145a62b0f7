from django.apps import AppConfig


class ErrandsConfig(AppConfig):
    name = "tests.errands"

    def ready(self):
        from foundation.database.leased_queue import LeasedQueue, register  # noqa: PLC0415 - imports the models
        from tests.errands.models import Errand, run_errand  # noqa: PLC0415 - the same
        from tests.errands.policy import POLICY  # noqa: PLC0415 - the same

        register(LeasedQueue(Errand, POLICY, run_errand))
