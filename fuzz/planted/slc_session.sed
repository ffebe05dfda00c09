# gen/slc_session.c: one channel too many is admitted
s/m->channels < m->limit/m->channels <= m->limit/
