/* system: calls of the kernel that not every C library offers under a name. PID 1 is linked with a
 * small one; the kernel's own numbers and structs serve both. */
#ifndef CLOISTER_RUNTIME_KERNEL_SYSTEM_H
#define CLOISTER_RUNTIME_KERNEL_SYSTEM_H

#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* epoll_pwait2 without a mask; a null timeout waits for ever. */
static inline int system_epoll_wait(
	int epoll, struct epoll_event *events, int count, const struct timespec *timeout)
{
	return (int)syscall(SYS_epoll_pwait2, epoll, events, count, timeout, NULL, 0);
}

static inline int system_pidfd_open(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static inline int system_pidfd_signal(int pidfd, int number)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0);
}

/* Has every open descriptor closed by exec. */
static inline int system_close_all_on_exec(void)
{
	return (int)syscall(SYS_close_range, 0u, UINT_MAX, CLOSE_RANGE_CLOEXEC);
}

#endif
