# gen/enclave.c: a panic is reported as an exit
s/ENCLAVE_REASON_PANIC/ENCLAVE_REASON_EXITED/
