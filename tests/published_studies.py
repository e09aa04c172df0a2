"""Published data sets, retyped as facts, whose pooled answers others have computed."""

from __future__ import annotations

import numpy as np

# Trials of BCG vaccine: cases and others vaccinated, cases and others not, latitude (van Houwelingen et al. 2002).
BCG = np.array([
    [4, 119, 11, 128, 44], [6, 300, 29, 274, 55], [3, 228, 11, 209, 42], [62, 13536, 248, 12619, 52],
    [33, 5036, 47, 5761, 13], [180, 1361, 372, 1079, 44], [8, 2537, 10, 619, 19], [505, 87886, 499, 87892, 13],
    [29, 7470, 45, 7232, 27], [17, 1699, 65, 1600, 42], [186, 50448, 141, 27197, 18], [5, 2493, 3, 2338, 33],
    [27, 16886, 29, 17825, 33],
], dtype=float)  # fmt: skip

# Coaching in eight schools (Rubin 1981), with a decimal and rounded.
SCHOOLS = np.array([28.39, 7.94, -2.75, 6.82, -0.64, 0.63, 18.01, 12.16])
SCHOOLS_SE = np.array([14.9, 10.2, 16.3, 11.0, 9.4, 11.4, 10.4, 17.6])
ROUNDED_SCHOOLS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
ROUNDED_SCHOOLS_SE = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])

# Chemotherapy in head and neck cancer (Pignon et al. 2000): observed minus expected deaths and variance, by timing.
ADJUVANT = [(-1.8, 14.5), (11.8, 57.1), (-7.4, 80.6), (-5.6, 8.5), (0.4, 6.4), (1.8, 8.7), (-0.2, 5.0), (-3.9, 30.2)]
NEOADJUVANT = [
    (0.0, 7.8), (-0.8, 125.9), (2.2, 27.9), (-3.3, 13.5), (-0.6, 63.1), (-9.2, 29.7), (6.3, 16.6), (2.6, 36.6),
    (-2.0, 25.8), (-2.1, 18.1), (7.2, 19.8), (2.7, 22.2), (1.2, 9.0), (0.4, 11.9), (-3.6, 33.2), (-0.3, 13.4),
    (-4.2, 92.2), (1.6, 19.6), (-5.7, 20.2), (-8.5, 47.4), (-7.5, 24.8), (-6.5, 15.9), (-5.7, 46.5), (-4.0, 5.2),
    (-2.9, 25.8), (5.4, 9.2), (-8.1, 46.6), (-1.1, 6.7), (0.6, 9.0), (4.6, 5.9), (-7.1, 16.4),
]  # fmt: skip
CONCURRENT = [
    (1.8, 8.0), (-4.3, 8.4), (-17.9, 14.1), (1.2, 40.0), (-3.1, 6.7), (2.1, 5.5), (-4.4, 7.0), (-2.0, 9.9),
    (-12.0, 10.4), (4.5, 45.6), (-25.3, 121.2), (-6.8, 4.6), (-2.4, 66.2), (2.0, 24.3), (-4.3, 41.2), (5.4, 79.4),
    (2.1, 11.9), (-13.5, 16.6), (-8.7, 31.7), (-2.2, 11.2), (-0.8, 12.2), (-14.3, 30.0), (-5.1, 28.3), (-13.3, 21.9),
    (-16.8, 29.8), (-5.3, 12.3),
]  # fmt: skip

# Off-time in Parkinson's disease (NICE TSD 2): trial, treatment, mean, standard error of the arm.
PARKINSON = [
    (1, "1", -1.22, 0.504), (1, "3", -1.53, 0.439), (2, "1", -0.7, 0.282), (2, "2", -2.4, 0.258),
    (3, "1", -0.3, 0.505), (3, "2", -2.6, 0.510), (3, "4", -1.2, 0.478), (4, "3", -0.24, 0.265),
    (4, "4", -0.59, 0.354), (5, "3", -0.73, 0.335), (5, "4", -0.18, 0.442), (6, "4", -2.2, 0.197),
    (6, "5", -2.5, 0.190), (7, "4", -1.8, 0.200), (7, "5", -2.1, 0.250),
]  # fmt: skip

# Smoking cessation (Hasselblad 1998): trial, treatment, quitters, smokers at the start.
SMOKING = [
    (1, "none", 75, 731), (1, "individual", 363, 714), (2, "none", 9, 140), (2, "individual", 23, 140),
    (2, "group", 10, 138), (3, "none", 2, 106), (3, "individual", 9, 205), (4, "none", 58, 549),
    (4, "individual", 237, 1561), (5, "none", 0, 33), (5, "individual", 9, 48), (6, "self_help", 20, 49),
    (6, "individual", 16, 43), (7, "none", 3, 100), (7, "individual", 31, 98), (8, "none", 1, 31),
    (8, "individual", 26, 95), (9, "self_help", 11, 78), (9, "individual", 12, 85), (9, "group", 29, 170),
    (10, "none", 6, 39), (10, "individual", 17, 77), (11, "none", 79, 702), (11, "self_help", 77, 694),
    (12, "none", 18, 671), (12, "self_help", 21, 535), (13, "none", 64, 642), (13, "individual", 107, 761),
    (14, "individual", 12, 76), (14, "group", 20, 74), (15, "individual", 9, 55), (15, "group", 3, 26),
    (16, "self_help", 7, 66), (16, "group", 32, 127), (17, "none", 5, 62), (17, "individual", 8, 90),
    (18, "none", 20, 234), (18, "individual", 34, 237), (19, "none", 0, 20), (19, "group", 9, 20),
    (20, "none", 8, 116), (20, "self_help", 19, 149), (21, "none", 95, 1107), (21, "individual", 143, 1031),
    (22, "none", 15, 187), (22, "individual", 36, 504), (23, "none", 78, 584), (23, "individual", 73, 675),
    (24, "none", 69, 1177), (24, "individual", 54, 888),
]  # fmt: skip

# Drugs that lower glucose, mean change of HbA1c (Senn et al. 2013): trial, treatment, women and men, mean, sd.
DIABETES = [
    ("De Fronzo", "metformin", 213, -1.70, 1.459), ("De Fronzo", "placebo", 209, 0.20, 1.446),
    ("Lewin", "metformin", 431, -0.74, 1.106), ("Lewin", "placebo", 144, 0.08, 1.004),
    ("Willms", "metformin", 29, -2.50, 0.862), ("Willms", "acarbose", 31, -2.30, 1.782),
    ("Willms", "placebo", 29, -1.30, 1.831), ("Davidson", "rosiglitazone", 117, -1.20, 1.097),
    ("Davidson", "placebo", 116, 0.14, 1.093), ("Wolffenbuttel", "rosiglitazone", 183, -0.90, 1.100),
    ("Wolffenbuttel", "placebo", 192, 0.20, 1.110), ("Kipnes", "pioglitazone", 182, -1.20, 1.369),
    ("Kipnes", "placebo", 181, 0.10, 1.024), ("Kerenyi", "rosiglitazone", 160, -0.91, 0.990),
    ("Kerenyi", "placebo", 154, -0.14, 0.920), ("Hanefeld", "pioglitazone", 319, 7.61, 1.072),
    ("Hanefeld", "metformin", 320, 7.45, 1.073), ("Derosa", "pioglitazone", 45, 6.80, 0.800),
    ("Derosa", "rosiglitazone", 42, 6.70, 0.900), ("Baksi", "rosiglitazone", 218, -1.20, 1.112),
    ("Baksi", "placebo", 233, 0.10, 1.036), ("Rosenstock", "rosiglitazone", 59, -1.17, 1.229),
    ("Rosenstock", "placebo", 57, -0.08, 1.208), ("Zhu", "rosiglitazone", 210, -1.90, 1.470),
    ("Zhu", "placebo", 105, -0.40, 1.300), ("Yang", "rosiglitazone", 102, -1.09, 1.650),
    ("Yang", "metformin", 96, -0.95, 1.500), ("Vongthavaravat", "rosiglitazone", 164, -1.10, 1.559),
    ("Vongthavaravat", "sulfonylurea", 170, 0.10, 0.992), ("Oyama", "acarbose", 41, -0.70, 0.800),
    ("Oyama", "sulfonylurea", 43, -0.30, 0.600), ("Costa", "acarbose", 36, -1.10, 0.360),
    ("Costa", "placebo", 29, -0.30, 0.700), ("Hermansen", "sitagliptin", 106, -0.30, 0.940),
    ("Hermansen", "placebo", 106, 0.27, 0.940), ("Garber", "vildagliptin", 132, -0.63, 1.034),
    ("Garber", "placebo", 144, 0.07, 1.080), ("Alex", "metformin", 291, 0.13, 1.428),
    ("Alex", "sulfonylurea", 300, 0.50, 1.450), ("Johnston 1994", "miglitol", 68, -0.41, 1.072),
    ("Johnston 1994", "placebo", 63, 0.33, 1.032), ("Johnston 1998a", "miglitol", 91, -0.43, 0.954),
    ("Johnston 1998a", "placebo", 43, 0.98, 1.311), ("Kim", "rosiglitazone", 57, -1.10, 1.341),
    ("Kim", "metformin", 56, -1.10, 1.139), ("Johnston 1998b", "miglitol", 49, -0.12, 1.400),
    ("Johnston 1998b", "placebo", 34, 0.56, 1.166), ("Gonzalez-Ortiz", "metformin", 34, -1.30, 1.861),
    ("Gonzalez-Ortiz", "placebo", 37, -0.90, 1.803), ("Stucci", "benfluorex", 28, 8.03, 1.290),
    ("Stucci", "placebo", 30, 8.26, 1.350), ("Moulin", "benfluorex", 161, -0.82, 1.028),
    ("Moulin", "placebo", 156, 0.19, 1.374),
]  # fmt: skip

# Thrombolytic drugs after a heart attack (NICE TSD 4): trial, then treatment, deaths, patients of each arm; treatments
# are SK, t-PA, accelerated t-PA, SK + t-PA, r-PA, TNK, angioplasty, UK and ASPAC.
THROMBOLYTICS = [
    (1, (1, 1472, 20251), (3, 652, 10396), (4, 723, 10374)), (2, (1, 9, 130), (2, 6, 123)),
    (3, (1, 5, 63), (2, 2, 59)), (4, (1, 3, 65), (2, 3, 64)), (5, (1, 887, 10396), (2, 929, 10372)),
    (6, (1, 1455, 13780), (2, 1418, 13746), (9, 1448, 13773)), (7, (1, 7, 85), (2, 4, 86)),
    (8, (1, 12, 159), (2, 7, 157)), (9, (1, 10, 135), (2, 5, 135)), (10, (1, 4, 107), (4, 6, 109)),
    (11, (1, 285, 3004), (5, 270, 3006)), (12, (1, 11, 149), (7, 2, 152)), (13, (1, 1, 50), (7, 3, 50)),
    (14, (1, 8, 58), (7, 5, 54)), (15, (1, 1, 53), (7, 1, 47)), (16, (1, 4, 45), (7, 0, 42)),
    (17, (1, 14, 99), (7, 7, 101)), (18, (1, 9, 41), (7, 3, 46)), (19, (1, 42, 421), (7, 29, 429)),
    (20, (2, 2, 44), (7, 3, 46)), (21, (2, 13, 200), (7, 5, 195)), (22, (2, 2, 56), (7, 2, 47)),
    (23, (3, 3, 55), (7, 1, 55)), (24, (3, 10, 94), (7, 3, 95)), (25, (3, 40, 573), (7, 32, 565)),
    (26, (3, 2, 61), (7, 3, 62)), (27, (3, 16, 419), (7, 20, 421)), (28, (3, 5, 69), (7, 3, 71)),
    (29, (3, 5, 75), (7, 5, 75)), (30, (3, 59, 782), (7, 52, 790)), (31, (3, 5, 81), (7, 2, 81)),
    (32, (3, 16, 226), (7, 12, 225)), (33, (3, 8, 66), (7, 6, 71)), (34, (3, 522, 8488), (6, 523, 8461)),
    (35, (3, 356, 4921), (5, 757, 10138)), (36, (3, 13, 155), (5, 7, 169)), (37, (1, 10, 203), (8, 7, 198)),
    (38, (1, 3, 58), (9, 2, 52)), (39, (1, 3, 86), (9, 6, 89)), (40, (1, 3, 58), (9, 2, 58)),
    (41, (1, 13, 182), (9, 11, 188)), (42, (3, 2, 26), (8, 7, 54)), (43, (3, 12, 268), (8, 16, 350)),
    (44, (3, 5, 210), (9, 17, 211)), (45, (3, 3, 138), (9, 13, 147)), (46, (2, 8, 132), (8, 4, 66)),
    (47, (2, 10, 164), (8, 6, 166)), (48, (2, 6, 124), (8, 5, 121)), (49, (2, 13, 164), (9, 10, 161)),
    (50, (2, 7, 93), (9, 5, 90)),
]  # fmt: skip


def bcg_log_odds_ratios():
    a, b, c, d, latitude = BCG.T
    return np.log(a * d / (b * c)), np.sqrt(1 / a + 1 / b + 1 / c + 1 / d), latitude


def contrasts(arms):
    """Contrasts against the first arm of each trial, from (trial, treatment, mean, standard error)."""
    rows, first = [], {}
    for trial, treatment, mean, se in arms:
        control, control_mean, control_se = first.setdefault(trial, (treatment, mean, se))
        if treatment != control:
            rows.append({
                "trial": str(trial), "treatment": treatment, "control": control, "log_ratio": mean - control_mean,
                "se": np.hypot(se, control_se), "se_control": control_se,
            })  # fmt: skip
    return rows


def smoking_arms():
    """Log odds and their standard errors; trials with an empty cell get half a quitter more in each arm."""
    empty = {trial for trial, _, quit_, n in SMOKING if quit_ in (0, n)}
    for trial, treatment, quit_, n in SMOKING:
        more = 0.5 * (trial in empty)
        yes, no = quit_ + more, n - quit_ + more
        yield trial, treatment, np.log(yes / no), np.sqrt(1 / yes + 1 / no)


def diabetes_arms():
    for trial, treatment, n, mean, sd in DIABETES:
        yield trial, treatment, mean, sd / np.sqrt(n)


def thrombolytic_arms():
    """Log odds of death and their standard errors; trials with an empty cell get half a death more in each arm."""
    for trial, *arms in THROMBOLYTICS:
        more = 0.5 * any(deaths == 0 for _, deaths, _ in arms)
        for treatment, deaths, n in arms:
            dead, alive = deaths + more, n - deaths + more
            yield trial, str(treatment), np.log(dead / alive), np.sqrt(1 / dead + 1 / alive)
