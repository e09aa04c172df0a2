"""A small sound folder of evidence to do harm to."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

DATA = Path(__file__).parents[1] / "data"

SOURCES = """\
source_id,authors,year,title,journal,doi,pmid,registration,design,population,n_patients,bibliography,notes
alpha2001,"Alpha A, Beta B, et al.",2001,Late recurrence,J Test,10.1000/alpha,11111,,cohort,ALPHA,500,verified,
beta2010,Beta Trialists,2010,A trial,J Test,,22222,NCT1,rct,BETA,300,verified,
gamma1999,,,A review,,,,,review,none,,incomplete,authors not known
"""
POPULATIONS = """\
population,part_of,overlaps_with,membership_basis,notes
ALPHA,,,,
BETA,ALPHA,,stated,
"""
RATES = """\
row_id,source_id,population,cohort_label,er,her2,pr,nodal,tumour_size,grade,stratum,therapy,diagnosis_years,endpoint,\
start_year,end_year,window_chain,statistic,reference,estimate,lower,upper,bounds,level,n,events,person_years,derived,use,\
exclude_reason,locator,read_in,notes
r0001,alpha2001,ALPHA,Alpha,positive,any,any,N0,T1,any,,none,1990-1999,distant_recurrence,0,10,CHAIN,cumulative_risk,,\
0.10,0.08,0.12,ci,0.95,500,50,,no,yes,,abstract,abstract,plain note
r0002,alpha2001,ALPHA,Alpha,positive,any,any,N0,T1,any,,none,1990-1999,distant_recurrence,0,20,CHAIN,cumulative_risk,,\
0.2,,,none,,,,,no,yes,,abstract,abstract,
r0003,beta2010,BETA,Beta,negative,any,any,N1+,any,any,,chemo,,any_recurrence,0,5,,annual_rate,,\
0.05,0.04,0.0625,ci,0.95,,,,no,yes,,table 1,full_text,
r0004,beta2010,BETA,Beta,negative,any,any,N1+,any,any,,chemo,,any_recurrence,0,5,,hazard_ratio_vs_reference,placebo,\
0.70,0.56,0.88,ci,0.95,,,,no,yes,,table 1,full_text,
r0005,beta2010,BETA,Beta,any,any,any,any,any,any,,chemo,,dfs,0,5,,events_over_person_years,,\
0.1,,,none,,300,100,1000,yes,no,overlaps:r0003,table 1,full_text,
"""
PERSON_TIME = """\
row_id,source_id,population,er,nodal,tumour_size,therapy,endpoint,start_year,end_year,n,events,person_years,use,exclude_reason
p0001,alpha2001,ALPHA,negative,N0,T1,none,any_recurrence,0.0,0.5,100,10,47.5,yes,
p0002,alpha2001,ALPHA,negative,N0,T1,none,any_recurrence,0.5,1.0,90,0,45.0,yes,
p0003,beta2010,BETA,positive,N10+,T3+,chemo,dfs,0.0,0.5,20,1,9.75,no,other:external_validation
"""
CASE_MIX = """\
row_id,source_id,population,variable,level,share,n,of_n,locator,read_in,notes
w0001,beta2010,BETA,nodal,N0,0.6,180,300,table 1,full_text,
w0002,beta2010,BETA,nodal,N1+,0.4,120,300,table 1,full_text,
"""
MORTALITY = """\
row_id,source_id,country,sex,calendar_years,age_start,age_end,hazard,statistic,locator,read_in,notes
l0001,gamma1999,Utopia,female,2010-2014,50,55,0.004,all_cause_hazard,table 1,data_table,
"""
TABLES = {
    "sources.csv": SOURCES,
    "populations.csv": POPULATIONS,
    "recurrence_rates.csv": RATES,
    "recurrence_person_time.csv": PERSON_TIME,
    "case_mix.csv": CASE_MIX,
    "other_cause_mortality.csv": MORTALITY,
}


def write_small_evidence(folder: Path) -> Path:
    """Write a small sound folder of evidence with the codebook of the project."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(DATA / "datapackage.yaml", folder / "datapackage.yaml")
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


def set_cells(folder: Path, table: str, key: str, **cells: str) -> None:
    """Change cells of the row that begins with the key."""
    path = folder / table
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    row = next(row for row in rows if row[0] == key)
    for column, value in cells.items():
        row[header.index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def replace_bytes(folder: Path, table: str, old: bytes, new: bytes) -> None:
    """Change the first occurrence of some bytes of a file."""
    path = folder / table
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))
