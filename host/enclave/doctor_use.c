/* doctor_use: what is found out by use, since a device node or a version alone says nothing: KVM,
 * QEMU, vsock's loopback, namespaces, the NSM. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/vm_sockets.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/enclave/doctor.h"
#include "host/enclave/qemu_find.h"
#include "runtime/crypto/nsm.h"

#define LOOPBACK_PATIENCE 2000 /* ms */

/* --- KVM -------------------------------------------------------------------------------------- */

/* Makes a machine with a processor. Returns 0 or an errno. */
static int use_kvm(const char *path)
{
	int device = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY), machine, processor = -1, error;

	if (device < 0)
		return errno;
	machine = ioctl(device, KVM_CREATE_VM, 0);
	if (machine >= 0)
		processor = ioctl(machine, KVM_CREATE_VCPU, 0);
	error = processor < 0 ? errno : 0;
	if (processor >= 0)
		close(processor);
	if (machine >= 0)
		close(machine);
	close(device);
	return error;
}

/* QEMU emulates where there is no KVM: slower, and no less right. */
static void check_kvm(struct doctor *doctor)
{
	struct finding *finding;
	char path[PATH_MAX], cpus[16384];
	int error;

	doctor_path(doctor, path, "/dev/kvm");
	error = use_kvm(path);
	(void)doctor_text(doctor, cpus, sizeof cpus, "/proc/cpuinfo");
	if (error == 0 && strstr(cpus, " vmx") == NULL && strstr(cpus, " svm") == NULL) {
		finding = doctor_find(doctor, "qemu", "kvm", DOCTOR_WARN,
			"/dev/kvm makes virtual machines, but the processor has no vmx or svm");
		doctor_why(finding, "what else makes them runs kernels of its own kind only, so "
				    "QEMU emulates the processor, which is many times slower");
		return;
	}
	if (error == 0) {
		(void)doctor_find(
			doctor, "qemu", "kvm", DOCTOR_OK, "/dev/kvm makes virtual machines");
		return;
	}
	finding = doctor_find(doctor, "qemu", "kvm", DOCTOR_WARN,
		"/dev/kvm makes no virtual machine: %s", strerror(error));
	doctor_why(finding, "QEMU emulates the processor then, which is many times slower");
	if (error == EACCES || error == EPERM)
		doctor_mend(finding, "usermod -aG kvm $USER, and log in again");
	else if (strstr(cpus, " vmx") != NULL)
		doctor_mend(finding, "modprobe kvm_intel");
	else if (strstr(cpus, " svm") != NULL)
		doctor_mend(finding, "modprobe kvm_amd");
	else
		doctor_mend(finding, "turn virtualisation on in the firmware; in the cloud use a "
				     "bare-metal instance");
}

/* --- QEMU ------------------------------------------------------------------------------------- */

static void check_qemu(struct doctor *doctor)
{
	struct finding *finding;
	char program[PATH_MAX];
	struct fault fault;

	if (qemu_find(NULL, program, &fault) == 0) {
		(void)doctor_find(doctor, "qemu", "qemu", DOCTOR_OK, "%.250s", program);
		return;
	}
	finding = doctor_find(doctor, "qemu", "qemu", DOCTOR_FAIL, "%.300s", fault.text);
	doctor_why(finding, "packages of distributions are mostly built without that machine");
	doctor_mend(finding, "make qemu");
}

/* --- vsock ------------------------------------------------------------------------------------ */

static int connect_to(const struct sockaddr_vm *name)
{
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error = 0;
	struct pollfd polled = {.fd = fd, .events = POLLOUT};
	socklen_t size = sizeof error;

	if (fd < 0)
		return errno;
	if (connect(fd, (const struct sockaddr *)(const void *)name, sizeof *name) < 0) {
		error = errno;
		if (error == EINPROGRESS) {
			error = ETIMEDOUT;
			if (poll(&polled, 1, LOOPBACK_PATIENCE) > 0)
				(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
		}
	}
	close(fd);
	return error;
}

/* Listens on a free port of CID 1, and connects to it. Returns 0 or an errno. */
static int use_loopback(void)
{
	struct sockaddr_vm name = {
		.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_LOCAL, .svm_port = VMADDR_PORT_ANY};
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error = 0;
	socklen_t size = sizeof name;

	if (fd < 0)
		return errno;
	if (bind(fd, (struct sockaddr *)(void *)&name, sizeof name) < 0 || listen(fd, 1) < 0 ||
		getsockname(fd, (struct sockaddr *)(void *)&name, &size) < 0)
		error = errno;
	else
		error = connect_to(&name);
	close(fd);
	return error;
}

static void check_vsock(struct doctor *doctor)
{
	struct finding *finding;
	int error = use_loopback();

	if (error == 0) {
		(void)doctor_find(doctor, "nitro", "vsock", DOCTOR_OK,
			"vsock carries connections of this machine with itself");
		return;
	}
	finding = doctor_find(doctor, "nitro", "vsock", DOCTOR_WARN,
		"vsock does not carry a connection of this machine with itself: %s",
		strerror(error));
	doctor_why(finding, "services can't be tried out over vsock without an enclave; sandbox "
			    "and QEMU do without");
	doctor_mend(finding, "modprobe vsock_loopback");
}

/* --- Namespaces ------------------------------------------------------------------------------- */

/* As the sandbox makes them. Returns 0 or an errno. */
static int use_namespaces(void)
{
	const int flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS |
			  CLONE_NEWIPC | CLONE_NEWCGROUP;
	int status = 0;
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0)
		_exit(unshare(flags) == 0 ? 0 : errno);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

static bool is_value(struct doctor *doctor, const char *path, const char *value)
{
	char text[64];

	return doctor_text(doctor, text, sizeof text, "%s", path) && strcmp(text, value) == 0;
}

static void check_namespaces(struct doctor *doctor)
{
	struct finding *finding;
	int error = use_namespaces();

	if (error == 0) {
		(void)doctor_find(
			doctor, "sandbox", "namespaces", DOCTOR_OK, "namespaces can be made");
		return;
	}
	finding = doctor_find(doctor, "sandbox", "namespaces", DOCTOR_FAIL,
		"namespaces can't be made: %s", strerror(error));
	doctor_why(finding, "the sandbox stands on them");
	if (is_value(doctor, "/proc/sys/kernel/unprivileged_userns_clone", "0"))
		doctor_mend(finding, "sysctl -w kernel.unprivileged_userns_clone=1");
	else if (is_value(doctor, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"))
		doctor_mend(finding, "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
	else if (is_value(doctor, "/proc/sys/user/max_user_namespaces", "0"))
		doctor_mend(finding, "sysctl -w user.max_user_namespaces=15000");
	else
		doctor_mend(finding, "in a container: docker run --security-opt "
				     "seccomp=unconfined --security-opt apparmor=unconfined");
}

/* --- The NSM ---------------------------------------------------------------------------------- */

/* Next to this program, where the launcher looks for it. */
static bool has_simulator(void)
{
	char path[PATH_MAX];
	ssize_t size = readlink("/proc/self/exe", path, sizeof path - sizeof "nsmsim");
	char *slash;

	if (size < 0)
		return false;
	path[size] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL)
		return false;
	memcpy(slash + 1, "nsmsim", sizeof "nsmsim");
	return access(path, X_OK) == 0;
}

static void check_nsm(struct doctor *doctor)
{
	struct nsm_description description;
	struct finding *finding;
	static struct nsm nsm;
	struct fault fault;
	char path[PATH_MAX];

	doctor_path(doctor, path, NSM_PATH);
	if (access(path, F_OK) == 0) {
		if (nsm_open(&nsm, path, &fault) == 0 &&
			nsm_describe(&nsm, &description, &fault) == 0)
			(void)doctor_find(doctor, "sandbox", "nsm", DOCTOR_OK,
				"this is an enclave: its NSM has version %u.%u.%u",
				description.major, description.minor, description.patch);
		else
			(void)doctor_find(doctor, "sandbox", "nsm", DOCTOR_WARN, "%s: %.200s",
				NSM_PATH, fault.text);
		nsm_close(&nsm);
		return;
	}
	if (has_simulator()) {
		(void)doctor_find(doctor, "sandbox", "nsm", DOCTOR_OK,
			"nsmsim is beside this program; QEMU brings its own, Nitro the real one");
		return;
	}
	finding = doctor_find(
		doctor, "sandbox", "nsm", DOCTOR_WARN, "there is no nsmsim beside this program");
	doctor_why(finding, "enclaves in a sandbox have no /dev/nsm without it, and no documents");
	doctor_mend(finding, "make nsmsim, or enclave run --nsmsim PATH");
}

void doctor_check_use(struct doctor *doctor)
{
	check_namespaces(doctor);
	check_nsm(doctor);
	check_qemu(doctor);
	check_kvm(doctor);
	check_vsock(doctor);
}
