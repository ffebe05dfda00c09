/* confine: identity, capabilities, and the order of everything; see confine.h.
 *
 * The order is a chain of needs:
 *  1. one thread: capabilities, Landlock and NO_NEW_PRIVS belong to a thread, not to a process;
 *  2. no core dumps, for the secrets that are in memory;
 *  3. NO_NEW_PRIVS: Landlock and seccomp ask for it, and no started program regains anything;
 *  4. Landlock, while the rights to open the profile's paths are still there;
 *  5. the bounding set, while CAP_SETPCAP is still there, which dropping from it needs;
 *  6. groups before the user, while CAP_SETGID is still there;
 *  7. capabilities, down to those that stay: a change of the user needs some of them;
 *  8. not dumpable: a change of the user would have reset it;
 *  9. the report, by calls that the filter may forbid;
 * 10. seccomp, last, because it may forbid all of the above.
 */
#include "runtime/kernel/confine.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/kernel/log.h"

static int check_profile(const struct confine_profile *profile, struct fault *fault)
{
	bool paths = profile->readable != NULL || profile->executable != NULL ||
		     profile->writable != NULL;

	if (!profile->keep_user && (profile->user == 0 || profile->group == 0))
		return fault_set(fault, "profile",
			"profile '%s' drops the user but names root: name another one, or keep it",
			profile->name);
	if (profile->group_count > CONFINE_GROUPS_MAX)
		return fault_set(fault, "profile", "profile '%s' has %zu groups, more than %u",
			profile->name, profile->group_count, CONFINE_GROUPS_MAX);
	if (profile->files == CONFINE_FILES_FREE && paths)
		return fault_set(fault, "profile",
			"profile '%s' lists paths but leaves the file system free", profile->name);
	return 0;
}

/* The kernel refuses this to a process with a second thread, and for the others does nothing. */
static int check_threads(struct fault *fault)
{
	if (unshare(CLONE_THREAD) == 0 || errno != EINVAL)
		return 0;
	return fault_set(fault, "threads",
		"this process has more than one thread, and confinement would not bind them all: "
		"confine it before the first thread is started");
}

static int drop_core_dumps(struct fault *fault)
{
	const struct rlimit none = {0, 0};

	if (setrlimit(RLIMIT_CORE, &none) < 0)
		return fault_io(fault, errno, "cannot give up core dumps");
	return 0;
}

static int bar_new_privileges(struct fault *fault)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fault_io(fault, errno, "cannot set NO_NEW_PRIVS");
	return 0;
}

/* What the kernel knows of capabilities ends where it answers EINVAL. */
static uint64_t bounding_set(void)
{
	uint64_t set = 0;

	for (unsigned i = 0; i < 64; i++) {
		int has = prctl(PR_CAPBSET_READ, i, 0, 0, 0);

		if (has < 0)
			break;
		set |= (uint64_t)(has != 0) << i;
	}
	return set;
}

/* Only who has CAP_SETPCAP may drop from the bounding set, and only who has capabilities needs to:
 * it limits what a started program gains, and after NO_NEW_PRIVS that is nothing. */
static int drop_bounding_set(struct fault *fault)
{
	uint64_t set = bounding_set();

	for (unsigned i = 0; i < 64; i++)
		if ((set >> i & 1u) != 0 && prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0) {
			if (errno == EPERM)
				return 0;
			return fault_io(fault, errno, "cannot drop capability %u", i);
		}
	return 0;
}

/* prctl and capset have two forms of the same rights: 64 bits here, two words of 32 there. */
struct capabilities {
	uint64_t effective, permitted, inheritable;
};

static int get_capabilities(struct capabilities *set, struct fault *fault)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {{0}};

	if (syscall(SYS_capget, &header, data) < 0)
		return fault_io(fault, errno, "cannot read the capabilities");
	set->effective = data[0].effective | (uint64_t)data[1].effective << 32;
	set->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	set->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	return 0;
}

static int set_capabilities(uint64_t set, struct fault *fault)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {{0}};

	data[0].effective = data[0].permitted = (uint32_t)set;
	data[1].effective = data[1].permitted = (uint32_t)(set >> 32);
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return fault_io(fault, errno, "cannot clear the ambient capabilities");
	if (syscall(SYS_capset, &header, data) == 0)
		return 0;
	if (errno == EPERM)
		return fault_set(fault, "denied",
			"cannot keep the capabilities %#llx of the profile: this process does not "
			"have them all; start it as root, or with them",
			(unsigned long long)set);
	return fault_io(fault, errno, "cannot drop capabilities");
}

static int identity_fault(struct fault *fault, const struct confine_profile *profile)
{
	if (errno != EPERM)
		return fault_io(fault, errno, "cannot become user %u, group %u",
			(unsigned)profile->user, (unsigned)profile->group);
	return fault_set(fault, "denied",
		"cannot become user %u, group %u: profile '%s' asks for it, and only root may; "
		"start as root, or with a profile that keeps the user",
		(unsigned)profile->user, (unsigned)profile->group, profile->name);
}

static int change_user(const struct confine_profile *profile, struct fault *fault)
{
	uid_t user = profile->user;
	gid_t group = profile->group;

	if (profile->keep_user)
		return 0;
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ||
		setgroups(profile->group_count, profile->groups) < 0 ||
		setresgid(group, group, group) < 0 || setresuid(user, user, user) < 0)
		return identity_fault(fault, profile);
	if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
		return fault_io(fault, errno, "cannot drop capabilities");
	return 0;
}

static int hide_memory(struct fault *fault)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return fault_io(fault, errno, "cannot make the process not dumpable");
	return 0;
}

/* Reads back who we are and what we may; a right that should be gone and is not is a fault. */
static int look_back(
	const struct confine_profile *profile, struct confine_report *report, struct fault *fault)
{
	struct capabilities left = {0};
	uid_t users[3];
	gid_t groups[3];
	int count = getgroups(0, NULL);

	if (get_capabilities(&left, fault) < 0)
		return -1;
	if (getresuid(&users[0], &users[1], &users[2]) < 0 ||
		getresgid(&groups[0], &groups[1], &groups[2]) < 0 || count < 0)
		return fault_io(fault, errno, "cannot read the user and the groups");
	report->user = users[0];
	report->group = groups[0];
	report->groups = (unsigned)count;
	report->capabilities = left.effective | left.permitted | left.inheritable;
	report->bounding = bounding_set();
	for (int i = 0; i < 3 && !profile->keep_user; i++)
		if (users[i] != profile->user || groups[i] != profile->group)
			return fault_set(fault, "denied", "the user or the group did not change");
	if (report->capabilities != profile->capabilities || prctl(PR_GET_DUMPABLE) != 0 ||
		prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return fault_set(fault, "denied", "rights are left that were given up");
	return 0;
}

int confine(
	const struct confine_profile *profile, struct confine_report *report, struct fault *fault)
{
	memset(report, 0, sizeof *report);
	report->name = profile->name;
	if (check_profile(profile, fault) < 0 || check_threads(fault) < 0 ||
		drop_core_dumps(fault) < 0 || bar_new_privileges(fault) < 0 ||
		confine_landlock(profile, report, fault) < 0 || drop_bounding_set(fault) < 0 ||
		change_user(profile, fault) < 0 ||
		set_capabilities(profile->capabilities, fault) < 0 || hide_memory(fault) < 0 ||
		look_back(profile, report, fault) < 0)
		return -1;
	return confine_seccomp(profile, report, fault);
}

void confine_log(const struct confine_report *report)
{
	LOG(LOG_INFO, "confined", log_string("profile", report->name),
		log_number("user", report->user), log_number("group", report->group),
		log_number("groups", report->groups),
		log_number("capabilities", (int64_t)report->capabilities),
		log_number("bounding", (int64_t)report->bounding),
		log_number("call_rules", report->rules),
		log_string("refused_calls", report->refusal == CONFINE_KILL ? "kill" : "error"),
		log_number("landlock", report->landlock), log_number("paths", report->paths));
}
