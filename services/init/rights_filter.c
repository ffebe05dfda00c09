/* rights_filter: the filters of system calls that units can have by name: programs for the kernel,
 * written as they run, call by call. spec/units.md says what each is for. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "services/init/rights.h"

#if defined __x86_64__
#define ARCH AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "the numbers of this machine's system calls are not known here"
#endif
#ifndef SYS_quotactl_fd
#define SYS_quotactl_fd 443
#endif

#define YOUNGER 447u        /* than what is known here: programs do without these */
#define FOREIGN 0x40000000u /* the numbers of x86's third set of calls begin here */
#define SPACES                                                                                     \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
		CLONE_NEWPID | CLONE_NEWNET)

/* Where a call's number and the lower half of an argument are. */
#define NUMBER      offsetof(struct seccomp_data, nr)
#define ARGUMENT(N) (offsetof(struct seccomp_data, args) + (N) * sizeof(uint64_t))

#define LOAD(PLACE)        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (PLACE))
#define END(ACTION)        BPF_STMT(BPF_RET | BPF_K, (ACTION))
#define IS(VALUE, YES, NO) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (VALUE), (YES), (NO))
#define HAS(BITS, YES, NO) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (BITS), (YES), (NO))
#define KILL               END(SECCOMP_RET_KILL_PROCESS)
#define ALLOW              END(SECCOMP_RET_ALLOW)
#define ERROR(NAME)        END(SECCOMP_RET_ERRNO | (NAME))

/* Whoever calls by other numbers is ended. What follows finds the number loaded. */
#define BEGIN                                                                                      \
	LOAD(offsetof(struct seccomp_data, arch)), IS(ARCH, 1, 0), KILL, LOAD(NUMBER),             \
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FOREIGN, 0, 1), KILL
#define REFUSE(CALL) IS(SYS_##CALL, 0, 1), ERROR(EPERM)
#define PERMIT(CALL) IS(SYS_##CALL, 0, 1), ALLOW
/* Refuses a call that asks for new namespaces. */
#define BAR_SPACES(CALL)                                                                           \
	IS(SYS_##CALL, 0, 4), LOAD(ARGUMENT(0)), HAS(SPACES, 0, 1), ERROR(EPERM), LOAD(NUMBER)
/* Its flags are behind a pointer: who is told that there is no such call uses clone. */
#define BAR_CLONE3 IS(SYS_clone3, 0, 1), ERROR(ENOSYS)
#define PERMIT_IF(CALL, N, VALUE)                                                                  \
	IS(SYS_##CALL, 0, 4), LOAD(ARGUMENT(N)), IS((VALUE), 0, 1), ALLOW, LOAD(NUMBER)

/* What administers the machine, looks into other processes, or leads around filters. */
static const struct sock_filter usual[] = {BEGIN, BAR_SPACES(clone), BAR_SPACES(unshare),
	BAR_CLONE3, REFUSE(acct), REFUSE(add_key), REFUSE(adjtimex), REFUSE(bpf), REFUSE(chroot),
	REFUSE(clock_adjtime), REFUSE(clock_settime), REFUSE(delete_module), REFUSE(fanotify_init),
	REFUSE(finit_module), REFUSE(fsconfig), REFUSE(fsmount), REFUSE(fsopen), REFUSE(fspick),
	REFUSE(init_module), REFUSE(io_uring_enter), REFUSE(io_uring_register),
	REFUSE(io_uring_setup), REFUSE(kcmp), REFUSE(kexec_file_load), REFUSE(kexec_load),
	REFUSE(keyctl), REFUSE(lookup_dcookie), REFUSE(mount), REFUSE(mount_setattr),
	REFUSE(move_mount), REFUSE(open_by_handle_at), REFUSE(open_tree), REFUSE(perf_event_open),
	REFUSE(pidfd_getfd), REFUSE(pivot_root), REFUSE(process_vm_readv),
	REFUSE(process_vm_writev), REFUSE(ptrace), REFUSE(quotactl), REFUSE(quotactl_fd),
	REFUSE(reboot), REFUSE(request_key), REFUSE(setdomainname), REFUSE(sethostname),
	REFUSE(setns), REFUSE(settimeofday), REFUSE(swapoff), REFUSE(swapon), REFUSE(syslog),
	REFUSE(umount2), REFUSE(userfaultfd), REFUSE(vhangup),
#ifdef SYS_iopl
	REFUSE(ioperm), REFUSE(iopl), REFUSE(modify_ldt),
#endif
	ALLOW};

/* Loaded beside the usual one: no sockets but Unix ones. */
static const struct sock_filter local[] = {BEGIN, IS(SYS_socket, 0, 3), LOAD(ARGUMENT(0)),
	IS(AF_UNIX, 1, 0), ERROR(EAFNOSUPPORT), ALLOW};

/* What computes, on files and on what it was given, in as many processes and threads as it likes.
 * Calls that were there before their successors are named where the machine has them. */
static const struct sock_filter strict[] = {BEGIN, BAR_SPACES(clone), BAR_CLONE3,
	/* memory, time, waiting, signals, what is open */
	PERMIT(brk), PERMIT(capget), PERMIT(clock_getres), PERMIT(clock_gettime),
	PERMIT(clock_nanosleep), PERMIT(clone), PERMIT(close), PERMIT(close_range), PERMIT(dup),
	PERMIT(dup3), PERMIT(epoll_create1), PERMIT(epoll_ctl), PERMIT(epoll_pwait),
	PERMIT(epoll_pwait2), PERMIT(eventfd2), PERMIT(exit), PERMIT(exit_group), PERMIT(fcntl),
	PERMIT(fstat), PERMIT(futex), PERMIT(get_robust_list), PERMIT(getcpu), PERMIT(getegid),
	PERMIT(geteuid), PERMIT(getgid), PERMIT(getgroups), PERMIT(getitimer), PERMIT(getpid),
	PERMIT(getppid), PERMIT(getrandom), PERMIT(getresgid), PERMIT(getresuid), PERMIT(getrlimit),
	PERMIT(getrusage), PERMIT(gettid), PERMIT(gettimeofday), PERMIT(getuid), PERMIT(lseek),
	PERMIT(madvise), PERMIT(membarrier), PERMIT(memfd_create), PERMIT(mincore), PERMIT(mlock),
	PERMIT(mlock2), PERMIT(mmap), PERMIT(mprotect), PERMIT(mremap), PERMIT(msync),
	PERMIT(munlock), PERMIT(munmap), PERMIT(nanosleep), PERMIT(newfstatat), PERMIT(pipe2),
	PERMIT(ppoll), PERMIT(prlimit64), PERMIT(pselect6), PERMIT(read), PERMIT(readv),
	PERMIT(restart_syscall), PERMIT(rseq), PERMIT(rt_sigaction), PERMIT(rt_sigpending),
	PERMIT(rt_sigprocmask), PERMIT(rt_sigqueueinfo), PERMIT(rt_sigreturn),
	PERMIT(rt_sigsuspend), PERMIT(rt_sigtimedwait), PERMIT(sched_getaffinity),
	PERMIT(sched_getparam), PERMIT(sched_getscheduler), PERMIT(sched_yield),
	PERMIT(set_robust_list), PERMIT(setitimer), PERMIT(sigaltstack), PERMIT(signalfd4),
	PERMIT(sysinfo), PERMIT(tee), PERMIT(times), PERMIT(timer_create), PERMIT(timer_delete),
	PERMIT(timer_getoverrun), PERMIT(timer_gettime), PERMIT(timer_settime),
	PERMIT(timerfd_create), PERMIT(timerfd_gettime), PERMIT(timerfd_settime), PERMIT(uname),
	PERMIT(vmsplice), PERMIT(write), PERMIT(writev), PERMIT_IF(ioctl, 1, FIOCLEX),
	PERMIT_IF(ioctl, 1, FIONBIO), PERMIT_IF(ioctl, 1, FIONREAD), PERMIT_IF(ioctl, 1, TCGETS),
	PERMIT_IF(ioctl, 1, TIOCGWINSZ),
	/* sockets that it was given */
	PERMIT(accept), PERMIT(accept4), PERMIT(getpeername), PERMIT(getsockname),
	PERMIT(getsockopt), PERMIT(recvfrom), PERMIT(recvmmsg), PERMIT(recvmsg), PERMIT(sendmmsg),
	PERMIT(sendmsg), PERMIT(sendto), PERMIT(setsockopt), PERMIT(shutdown), PERMIT(splice),
	PERMIT_IF(socketpair, 0, AF_UNIX),
	/* files */
	PERMIT(chdir), PERMIT(copy_file_range), PERMIT(faccessat), PERMIT(faccessat2),
	PERMIT(fadvise64), PERMIT(fallocate), PERMIT(fchdir), PERMIT(fchmod), PERMIT(fchmodat),
	PERMIT(fchown), PERMIT(fchownat), PERMIT(fdatasync), PERMIT(fgetxattr), PERMIT(flock),
	PERMIT(fstatfs), PERMIT(fsync), PERMIT(ftruncate), PERMIT(getcwd), PERMIT(getdents64),
	PERMIT(getxattr), PERMIT(inotify_add_watch), PERMIT(inotify_init1),
	PERMIT(inotify_rm_watch), PERMIT(lgetxattr), PERMIT(linkat), PERMIT(mkdirat),
	PERMIT(openat), PERMIT(openat2), PERMIT(pread64), PERMIT(preadv), PERMIT(pwrite64),
	PERMIT(pwritev), PERMIT(readahead), PERMIT(readlinkat), PERMIT(renameat2), PERMIT(sendfile),
	PERMIT(statfs), PERMIT(statx), PERMIT(symlinkat), PERMIT(sync_file_range), PERMIT(truncate),
	PERMIT(umask), PERMIT(unlinkat), PERMIT(utimensat),
	/* processes, which can only give rights up */
	PERMIT(capset), PERMIT(execve), PERMIT(execveat), PERMIT(getpgid), PERMIT(getpriority),
	PERMIT(getsid), PERMIT(kill), PERMIT(landlock_add_rule), PERMIT(landlock_create_ruleset),
	PERMIT(landlock_restrict_self), PERMIT(pidfd_open), PERMIT(pidfd_send_signal),
	PERMIT(prctl), PERMIT(seccomp), PERMIT(set_tid_address), PERMIT(setpgid),
	PERMIT(setpriority), PERMIT(setrlimit), PERMIT(setsid), PERMIT(tgkill), PERMIT(tkill),
	PERMIT(wait4), PERMIT(waitid),
#ifdef SYS_open
	PERMIT(access), PERMIT(alarm), PERMIT(arch_prctl), PERMIT(chmod), PERMIT(chown),
	PERMIT(creat), PERMIT(dup2), PERMIT(epoll_create), PERMIT(epoll_wait), PERMIT(eventfd),
	PERMIT(fork), PERMIT(getdents), PERMIT(getpgrp), PERMIT(inotify_init), PERMIT(lchown),
	PERMIT(link), PERMIT(lstat), PERMIT(mkdir), PERMIT(open), PERMIT(pause), PERMIT(pipe),
	PERMIT(poll), PERMIT(readlink), PERMIT(rename), PERMIT(rmdir), PERMIT(select),
	PERMIT(signalfd), PERMIT(stat), PERMIT(symlink), PERMIT(time), PERMIT(unlink),
	PERMIT(utime), PERMIT(utimes), PERMIT(vfork),
#endif
#ifdef SYS_renameat
	PERMIT(renameat),
#endif
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, YOUNGER, 0, 1), ERROR(ENOSYS), ERROR(EPERM)};

static int load(const struct sock_filter *filter, size_t size)
{
	const struct sock_fprog program = {.len = (unsigned short)(size / sizeof *filter),
		.filter = (struct sock_filter *)filter};

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0 ? errno : 0;
}

int rights_filter(uint32_t filter)
{
	int error = 0;

	if (filter == UNIT_FILTER_NO_NETWORK)
		error = load(local, sizeof local);
	if (error == 0 && filter == UNIT_FILTER_STRICT)
		error = load(strict, sizeof strict);
	else if (error == 0 && filter != UNIT_FILTER_NONE)
		error = load(usual, sizeof usual);
	return error;
}
