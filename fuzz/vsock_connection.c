/* vsock_connection: every order of events, of the guest's, of the socket's and of time. */
#include "gen/vsock_connection.h"

#include "fuzz/machine.h"

FUZZ_EVENTS(vsock_connection, VSOCK_CONNECTION_TIMEOUT, vsock_connection_init(m))
