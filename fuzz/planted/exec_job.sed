# gen/exec_job.c: a signal is reported one too high
s/128u + n % 128u/129u + n % 128u/
