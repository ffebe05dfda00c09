# gen/shutdown.c: the last way to shut down is unknown
s/n <= SHUTDOWN_HALT/n < SHUTDOWN_HALT/
