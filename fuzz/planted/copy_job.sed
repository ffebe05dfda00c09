# gen/copy_job.c: what is written stays pending
s/m->pending -= n;//
