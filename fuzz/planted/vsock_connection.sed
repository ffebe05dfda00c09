# gen/vsock_connection.c: the socket's last byte is forgotten
s/m->eof = 1u;//
