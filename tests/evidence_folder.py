"""A small sound folder of evidence to do harm to."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from resurge.evidence import EvidenceError, check_evidence, load_evidence

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
MECHANISMS = """\
mechanism_id,name,class,target_gene,drugs,cancers,therapy_resisted,expected_sign,source_document,source_ids,\
document_references
M_ALPHA,Alpha pathway,redox,AAA1,drug a,breast,chemotherapy,positive,added,alpha2001; beta2010,
M_BETA,Beta pathway,redox,BBB1,none named,breast,chemotherapy,negative,added,alpha2001,
M_GAMMA,Gamma pathway,metabolic,GGG1,drug g,lung,chemotherapy,open,added,,
M_NEW,Combination: drug n added to drug a,metabolic,NNN1,drug n + drug a,breast,drug a,positive,added,,
"""
RESISTANCE = """\
row_id,source_id,population,mechanism_id,facet,marker,cancer,is_breast,model_system,level,therapy_context,intervention,\
comparator,outcome,measure,estimate,lower,upper,mean_treated,sd_treated,n_treated,mean_control,sd_control,n_control,\
p_value,direction,effect_scale,log_effect,se_log,se_from,se_is_upper_bound,orientation_note,use,exclude_reason,locator,\
read_in,notes
x0001,alpha2001,ALPHA,M_ALPHA,marker_prognosis,AAA1,breast,yes,cohort,patient,any,AAA1 high,AAA1 low,overall_survival,\
hazard_ratio,1.50,1.10,2.05,,,,,,,,>1 = worse,log_hr,0.405465,0.158812,interval,,as published,yes,,table 1,abstract,
x0002,alpha2001,ALPHA,M_ALPHA,marker_prognosis,AAA1,breast,yes,cohort,patient,any,AAA1 high,AAA1 low,\
disease_free_survival,hazard_ratio,1.40,1.05,1.87,,,,,,,,>1 = worse,log_hr,0.336472,0.147243,interval,,as published,\
yes,,\
table 1,abstract,
x0003,beta2010,BETA,M_ALPHA,response_prediction,AAA1,breast,yes,trial,patient,chemotherapy,AAA1 high,AAA1 low,pcr,\
ratio_of_means,0.70,0.50,0.98,,,,,,,,<1 = less response,log_rr,0.356675,0.171667,interval,,sign turned,yes,,table 2,\
abstract,
x0004,beta2010,BETA,M_BETA,response_prediction,BBB1,breast,yes,trial,patient,chemotherapy,non-responders,responders,\
marker_expression,smd,-0.3,-0.9,0.3,,,,,,,,>0 = higher in resistant,smd,-0.3,0.306128,interval,,as published,yes,,\
table 2,\
data_table,
x0005,alpha2001,ALPHA,M_BETA,marker_induction,BBB1,breast,yes,biopsies,patient,chemotherapy,after,before,\
marker_expression,\
fold_change,1.20,1.00,1.44,,,,,,,,>1 = induced,log_fold_change,0.182322,0.093024,interval,,log of the ratio,yes,,\
table 3,\
data_table,
x0006,gamma1999,none,M_GAMMA,marker_induction,GGG1,lung,no,cell line,in_vitro,drug,persisters,parental,\
marker_expression,\
fold_change,2.00,,,,,,,,,,>1 = induced,log_fold_change,0.693147,,none,,log of the ratio,yes,,table 3,data_table,\
no spread
x0007,beta2010,BETA,M_ALPHA,intervention,,breast,yes,trial,patient,none,drug a,placebo,progression_free_survival,\
hazard_ratio,0.90,0.75,1.08,,,150,,,150,,<1 = better,log_hr,0.105361,0.093024,interval,,sign turned,yes,,table 4,\
abstract,
x0008,gamma1999,none,M_GAMMA,intervention,,lung,no,xenograft,in_vivo,none,drug g,vehicle,tumour_volume,ratio_of_means,\
0.50,\
,,,,8,,,8,0.04,<1 = less tumour,log_ratio_of_means,0.693147,0.337504,p,no,sign turned,yes,,figure 1,abstract,
x0009,gamma1999,none,M_ALPHA,marker_induction,AAA1,lung,no,cell line,in_vitro,drug,persisters,parental,\
marker_expression,\
fold_change,3.00,,,,,,,,,,>1 = induced,log_fold_change,1.098612,,none,,log of the ratio,no,\
other:selected_on_significance,table 3,data_table,
x0010,alpha2001,ALPHA,M_BETA,marker_prognosis,BBB1,breast,yes,cohort,patient,any,BBB1 high,BBB1 low,overall_survival,\
hazard_ratio,1.30,0.90,1.88,,,,,,,,>1 = worse,log_hr,0.262364,0.187926,interval,,as published,no,overlaps:x0001,\
table 1,\
abstract,
"""
PAIRS = """\
pair_id,paper,experiment,source_id,animal,outcome_class,therapy,original_year,n_original,n_replication,smd_original,\
se_original,smd_replication,se_replication,shrinkage_ratio,use,exclude_reason
p1e1o1,p1,p1e1,gamma1999,no,proliferation,,2010,6,10,4,1.5,1.2,0.7,0.3,yes,
p1e1o2,p1,p1e1,gamma1999,no,expression,,2010,6,10,2,1.1,0.5,0.65,0.25,yes,
p2e1o1,p2,p2e1,gamma1999,yes,tumour_volume,drug a,2011,12,24,1.5,0.65,0.3,0.41,0.2,yes,
p3e1o1,p3,p3e1,gamma1999,yes,survival,drug g,2012,20,20,0.5,0.12,0.25,0.1,0.5,yes,
"""
SITE_SHARES = """\
row_id,source_id,population,cohort_label,subtype,er,her2,subtype_as_published,stratum,site,site_as_published,exclusive,\
setting,denominator,share_metastatic,n_site,n_total,proportion,lower,upper,level,follow_up_years,derived,use,used_as,\
exclude_reason,locator,read_in,notes
m0001,beta2010,BETA,Beta,HR+/HER2-,positive,negative,luminal A,,bone,bone,no,any_site_during_course,\
patients_with_metastases,,,80,0.65,,,,,no,yes,luminal_part,,abstract,abstract,
m0002,beta2010,BETA,Beta,ER+,positive,any,luminal B,,bone,bone,no,any_site_during_course,patients_with_metastases,,,\
60,0.55,,,,,no,yes,luminal_part,,abstract,abstract,
m0003,beta2010,BETA,Beta,HR-/HER2+,negative,positive,HER2-enriched,,brain,brain,no,any_site_during_course,\
patients_with_metastases,,12,40,0.3,,,,,no,yes,share,,abstract,abstract,
m0004,beta2010,BETA,Beta,TNBC,negative,negative,TNBC,,brain,brain,no,any_site_during_course,\
patients_with_metastases,,,,0.29,0.2,0.4,0.95,,no,yes,share,,abstract,abstract,
m0005,alpha2001,ALPHA,Alpha,any,any,any,any,,bone,bone,no,any_site_during_course,patients_with_metastases,,300,500,\
0.6,,,,,no,yes,share,,abstract,abstract,
m0006,alpha2001,ALPHA,Alpha,any,any,any,any,,bone,bone,no,first_site,patients_with_metastases,,,500,0.4,,,,,no,yes,\
share,,abstract,abstract,
m0007,alpha2001,ALPHA,Alpha,any,any,any,any,,bone,bone_only,yes,first_site,patients_with_metastases,,,500,0.25,,,,,\
no,yes,only,,abstract,abstract,
m0008,alpha2001,ALPHA,Alpha,any,any,any,any,,liver,liver,no,at_diagnosis_de_novo,all_early_patients,0.06,100,8000,\
0.0125,,,,,yes,yes,share,,abstract,abstract,
m0009,alpha2001,ALPHA,Alpha,TNBC,negative,negative,TNBC,,bone,bone,yes,at_diagnosis_de_novo,\
patients_with_metastases,,,,0.4,,,,,no,yes,single_site,,abstract,abstract,
m0010,alpha2001,ALPHA,Alpha,TNBC,negative,negative,TNBC,,liver,liver,yes,at_diagnosis_de_novo,\
patients_with_metastases,,,,0.2,,,,,no,yes,single_site,,abstract,abstract,
m0011,beta2010,BETA,Beta trial,TNBC,negative,negative,TNBC,,brain,brain,no,first_site,all_early_patients,,,200,\
0.15,,,,6,no,yes,relative,,abstract,abstract,
m0012,beta2010,BETA,Beta trial,TNBC,negative,negative,TNBC,,bone,bone,no,first_site,all_early_patients,,,200,0.1,,,,\
6,no,yes,relative,,abstract,abstract,
m0013,alpha2001,ALPHA,Alpha,any,any,any,any,lobular,bone,bone,no,first_site,patients_with_metastases,,,50,0.5,,,,,\
no,yes,shown,,abstract,abstract,
m0014,alpha2001,ALPHA,Alpha,any,any,any,any,,bone,bone,no,autopsy,patients_with_metastases,,,40,0.75,,,,,no,yes,\
share,,abstract,abstract,
m0015,alpha2001,ALPHA,Alpha,any,any,any,any,,bone,bone,no,any_site_during_course,patients_with_metastases,,,,0.61,,\
,,,no,no,,overlaps:m0005,abstract,abstract,
"""
TIMING = """\
row_id,source_id,population,cohort_label,er,her2,subtype,subtype_as_published,stratum,quantity,unit,estimate,lower,\
upper,bounds,level,n,derived,use,exclude_reason,locator,read_in,notes
t0001,alpha2001,ALPHA,Alpha,any,any,any,any,,peak_hazard_year,years,1.5,1,2,range,,500,yes,yes,,abstract,abstract,
t0002,alpha2001,ALPHA,Alpha,positive,any,ER+,ER+,,share_of_recurrences_after_5y,proportion,0.5,0.4,0.6,ci,0.95,500,\
no,yes,,abstract,abstract,
t0003,beta2010,BETA,Beta,any,any,any,ER- vs ER+,ER-negative versus ER-positive,hazard_ratio_of_bone_metastasis,ratio,\
0.8,,,none,,300,no,no,overlaps:t0001,abstract,abstract,
"""
CLAIMS = """\
claim_id,source_document,source_id,claim,kind,population,quantity,stated_estimate,stated_lower,stated_upper,\
stated_unit,evidence_level,model,testable,test_kind,mechanism_id,estimand,answered_by,rows,comparator,value_low,\
value_high,value_unit,caution,how_to_test
C001,000_0123456789abcdef,alpha2001,Most recurrences come late,recurrence_timing,ER-positive disease,\
share after year 5,,0.5,,proportion,review_statement,recurrence,yes,direct,,share of recurrences after year 5,\
share_after_5_er_positive,,>=,0.5,,proportion,Most is more than half.,posterior share
C002,000_0123456789abcdef,alpha2001,Between 10 and 30 percent recur,recurrence_risk,all women,risk,,10,30,percent,\
review_statement,recurrence,yes,direct,,risk by year 20,late_risk_by_stage,,between,0.1,0.3,proportion,\
Counted from diagnosis.,cumulative incidence
C003,000_0123456789abcdef,beta2010,AAA1 goes with a worse course,mechanism,breast cancer,association,,,,direction,\
clinical,resistance,yes,proxy,M_ALPHA,hazard ratio of AAA1,pooled_rows,x0001,>=,0,,oriented log effect,One study.,\
pooled hazard ratio
C004,001_0123456789abcdef,beta2010,Drug g works through GGG1,mechanism,cells,dependency,,,,direction,in_vitro,\
resistance,no_quantitative_evidence,,M_GAMMA,,,,,,,,,knockdown effect
C005,001_0123456789abcdef,beta2010,Breast cancer is common,prevalence,women,share,30,,,percent,review_statement,none,\
no,,,share,,,approximately,0.3,0.3,proportion,,registry comparison
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
    "mechanisms.csv": MECHANISMS,
    "resistance_effects.csv": RESISTANCE,
    "replication_pairs.csv": PAIRS,
    "claims.csv": CLAIMS,
    "metastasis_sites.csv": SITE_SHARES,
    "recurrence_timing.csv": TIMING,
}


def write_small_evidence(folder: Path) -> Path:
    """Write a small sound folder of evidence with the codebook of the project."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(DATA / "datapackage.yaml", folder / "datapackage.yaml")
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


def faults_of(folder: Path) -> list[str]:
    """Give the faults as printable lines, and ask that loading refuses the folder with the same ones, and only then."""
    faults = check_evidence(folder)
    if not faults:
        load_evidence(folder)
        return []
    with pytest.raises(EvidenceError) as refusal:
        load_evidence(folder)
    assert list(refusal.value.faults) == faults
    lines = str(refusal.value).splitlines()
    assert lines == [str(fault) for fault in faults]
    assert all(line.isprintable() for line in lines)
    return lines


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
