# runtime/eif/layout.c: a section may be younger than the version of the file
s/section->type > last/section->type > EIF_TYPE_METADATA/
