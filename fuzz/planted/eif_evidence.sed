# host/eif/evidence_print.c: what is not true is taken for verified
s/return json_is_true(/return !json_is_null(/
