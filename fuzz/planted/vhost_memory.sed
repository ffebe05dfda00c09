# host/vsockd/vhost_memory.c: bytes may run over the end of a region
s/length <= size - (address - first)/length <= size/
