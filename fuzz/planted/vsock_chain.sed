# host/vsockd/vsock_chain.c: a chain may have one descriptor more than the queue
s/chain->count >= chain->size/chain->count > chain->size/
