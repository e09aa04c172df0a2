"""Words for sites, subtypes and settings of metastasis."""

SITE_NAMES = {
    "bone": "Bone",
    "liver": "Liver",
    "lung": "Lung",
    "brain": "Brain",
    "other": "Other",
    "bone_only": "Bone only",
}
SETTING_NAMES = {
    "first_site": "At first distant recurrence",
    "any_site_during_course": "At any time after metastasis",
    "at_diagnosis_de_novo": "At diagnosis",
    "autopsy": "At autopsy",
}
TOLD_BY = {
    "itself": "sources that count this subtype",
    "a mixture": "sources that count a mixture with it",
    "other settings": "the difference between subtypes in other settings",
    "nothing": "no source that splits the site by subtype",
}
"""By what an answer for a subtype is told."""
USES = {
    "share": "yes",
    "luminal_part": "summed with the other luminal half",
    "only": "yes",
    "single_site": "yes",
    "shown": "no",
}
"""How a printed share enters the model."""


def cohort_name(point: dict[str, object]) -> str:
    """Name the patients of a point, with their label where it is not the subtype."""
    named = str(point["cohort"] or point["population"]).replace("_", " ")
    parts = [str(part) for part in (point["as_published"], point["stratum"]) if part and part != "any"]
    return f"{named}, {', '.join(dict.fromkeys(parts))}" if parts else named
