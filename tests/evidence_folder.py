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
EFFECTS = """\
row_id,source_id,population,trial,setting,line,er,her2,brca,nodal,menopausal,population_notes,treatment,control,\
treatment_class,control_class,effect_class,inverted,endpoint,measure,estimate,lower,upper,level,p_value,n_treatment,\
n_control,events_treatment,events_control,period_start,period_end,median_follow_up_years,landmark_year,\
survival_treatment,survival_control,treatment_duration_years,randomised_year,contrast_start_year,contrast_years,\
contrast_years_from,log_estimate,se_log,se_from,se_is_upper_bound,window_start,window_end,window_kind,window_end_from,\
update_chain,report_order,women,inside,use,used_as,exclude_reason,locator,read_in,notes
e0001,alpha2001,ALPHA,Overview,adjuvant,early,positive,any,any,any,any,,tamoxifen 5 years,none,endocrine_tamoxifen,\
observation,endocrine_tamoxifen,no,any_recurrence,RR,0.60,0.52,0.69,0.95,,,,,,0,5,,,,,5,0,0,5,printed,-0.510826,\
0.072160,interval,,0,5,period,printed,,,,,yes,effect,,table 2,full_text,
e0002,beta2010,BETA,Beta,adjuvant,early,positive,any,any,any,any,,tamoxifen 5 years,none,endocrine_tamoxifen,\
observation,endocrine_tamoxifen,no,any_recurrence,HR,0.5,0.35,0.72,0.95,,,,,,0,2,,,,,5,0,0,5,printed,-0.693147,\
0.184013,interval,,0,2,period,printed,,,,Overview,no,shape,overlaps:e0001,table 2,full_text,
e0003,beta2010,BETA,Beta,adjuvant,early,positive,any,any,any,any,,tamoxifen 5 years,none,endocrine_tamoxifen,\
observation,endocrine_tamoxifen,no,any_recurrence,HR,0.75,0.54,1.04,0.95,,,,,,2,5,,,,,5,0,0,5,printed,-0.287682,\
0.167199,interval,,2,5,period,printed,,,,Overview,no,shape,overlaps:e0001,table 2,full_text,
e0004,beta2010,BETA,Delta,extended_adjuvant,early,positive,any,any,any,any,,tamoxifen 5 years,none,\
endocrine_tamoxifen,observation,extended_endocrine,no,dfs,HR,0.70,0.52,0.94,0.95,,150,150,70,100,,,2.5,,,,5,5,0,5,\
printed,-0.356675,0.151036,interval,,0,2.5,whole_follow_up,median_follow_up,delta_dfs,1,,,no,increment,\
superseded:beta2010,table 2,full_text,
e0005,beta2010,BETA,Delta,extended_adjuvant,early,positive,any,any,any,any,,tamoxifen 5 years,none,\
endocrine_tamoxifen,observation,extended_endocrine,no,dfs,HR,0.75,0.60,0.94,0.95,0.01,,,,,,,6,,,,5,5,0,5,printed,\
-0.287682,0.114530,interval,,0,6,whole_follow_up,median_follow_up,delta_dfs,2,,,yes,increment,,table 2,full_text,
e0006,beta2010,BETA,Epsilon,extended_adjuvant,early,positive,any,any,any,any,,tamoxifen 5 years,none,\
endocrine_tamoxifen,observation,extended_endocrine,no,os,HR,0.8,,,,0.04,,,,,,,5,5,0.9,0.88,5,5,0,5,printed,-0.223144,\
0.108652,p,no,0,5,whole_follow_up,median_follow_up,,,,,yes,effect,,table 2,full_text,
e0007,alpha2001,ALPHA,Zeta,metastatic,2+,positive,any,any,any,any,,drug a,drug b,anti_her2_tki,chemo,anti_her2_tki,,\
pfs,HR,0.65,0.51,0.83,0.95,,,,,,,,1.5,,,,,,,,,-0.430783,0.124241,interval,,0,1.5,whole_follow_up,median_follow_up,,,,,\
yes,effect,,table 2,full_text,
e0008,alpha2001,ALPHA,Eta,metastatic,2+,positive,any,any,any,any,,drug b,drug c,anti_her2_tki,chemo,anti_her2_tki,,\
pfs,HR,1.25,0.99,1.58,0.95,,,,,,,,2,,,,,,,,,0.223144,0.119256,interval,,0,2,whole_follow_up,median_follow_up,,,,,yes,\
effect,,table 2,full_text,
"""
NETWORKS = """\
network,endpoint,component,trial,arms_in_trial,treatment_node,control_node,log_hr,se,se_from,se_is_upper_bound,row_id,\
source_id,note
resistant,pfs,1,Zeta,2,drug_a,drug_b,-0.430783,0.124241,interval,,e0007,alpha2001,
resistant,pfs,1,Eta,2,drug_c,drug_b,-0.223144,0.119256,interval,,e0008,alpha2001,arms changed places
"""
TABLES = {
    "sources.csv": SOURCES,
    "populations.csv": POPULATIONS,
    "recurrence_rates.csv": RATES,
    "recurrence_person_time.csv": PERSON_TIME,
    "case_mix.csv": CASE_MIX,
    "other_cause_mortality.csv": MORTALITY,
    "therapy_effects.csv": EFFECTS,
    "therapy_networks.csv": NETWORKS,
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
