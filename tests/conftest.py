"""One seed for the property tests too: a run says the same twice. HYPOTHESIS_PROFILE=explore looks for new cases."""

import os

from hypothesis import settings

settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))
