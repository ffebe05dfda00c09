# gen/slc_forward.c: the end that is to connect is taken for the one that has opened
s/m->opens == 1u/m->opens <= 1u/
