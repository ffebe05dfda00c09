/* inside_filter: system calls that a sandbox may not make: those whose objects have no namespace,
 * those that widen what of the kernel can be reached, and sockets that would leave the sandbox. */
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/socket.h>

#include "host/enclave/keeper.h"

static const char *const refused[] = {"add_key", "bpf", "delete_module", "finit_module",
	"init_module", "io_uring_enter", "io_uring_register", "io_uring_setup", "kexec_file_load",
	"kexec_load", "keyctl", "open_by_handle_at", "perf_event_open", "quotactl", "request_key",
	"swapoff", "swapon", "syslog", "userfaultfd", NULL};

/* vsock knows no namespaces: it is not among these. */
static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET};
#define FAMILIES (sizeof families / sizeof *families)

static int refuse_calls(scmp_filter_ctx filter)
{
	for (size_t i = 0; refused[i] != NULL; i++) {
		int number = seccomp_syscall_resolve_name(refused[i]);
		int status = number == __NR_SCMP_ERROR
				     ? 0
				     : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 0);

		if (status < 0)
			return status;
	}
	return 0;
}

/* The kernel takes the low 32 bits for the family. */
static int refuse_families(scmp_filter_ctx filter, int call)
{
	int status = 0;

	for (int family = 0; family <= AF_PACKET && status == 0; family++) {
		size_t i = 0;

		while (i < FAMILIES && families[i] != family)
			i++;
		if (i == FAMILIES)
			status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), call, 1,
				SCMP_A0(SCMP_CMP_MASKED_EQ, UINT32_MAX, (scmp_datum_t)family));
	}
	if (status < 0)
		return status;
	return seccomp_rule_add(
		filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), call, 1, SCMP_A0(SCMP_CMP_GT, AF_PACKET, 0));
}

/* No user namespace within: it would give rights to whoever asks. clone3 hides its flags behind a
 * pointer; the C library falls back to clone. */
static int refuse_namespaces(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp is_user =
		SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER);
	int status = seccomp_rule_add_array(
		filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 1, &is_user);

	if (status == 0)
		status = seccomp_rule_add_array(
			filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, &is_user);
	if (status == 0)
		status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return status;
}

int inside_filter(struct fault *fault)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int status = -ENOMEM;

	if (filter != NULL) {
		/* Programs that lend rights keep them: those rights are the sandbox's own. */
		status = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
		if (status == 0)
			status = refuse_calls(filter);
		if (status == 0)
			status = refuse_families(filter, SCMP_SYS(socket));
		if (status == 0)
			status = refuse_families(filter, SCMP_SYS(socketpair));
		if (status == 0)
			status = refuse_namespaces(filter);
		if (status == 0)
			status = seccomp_load(filter);
	}
	seccomp_release(filter);
	return status == 0 ? 0 : fault_io(fault, -status, "cannot filter system calls");
}
