# gen/health_line.c: a ready enclave counts as one that starts
s/m->word = HEALTH_LINE_READY;/m->word = HEALTH_LINE_STARTING;/
