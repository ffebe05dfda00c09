/* rights: see rights.h.
 *
 * The order of giving up is a chain of needs:
 *  1. its control group and its output, while we are who may write there;
 *  2. no new privileges, which Landlock and filters ask for;
 *  3. files: the rules are made already, by who may open their paths;
 *  4. limits, while they may be raised;
 *  5. the bounding set, while CAP_SETPCAP is still there;
 *  6. groups before the user, while CAP_SETGID is still there;
 *  7. capabilities, which a change of the user needs;
 *  8. system calls, last, because that may forbid all of the above.
 * No call here allocates, locks, or looks for other threads as the library's do.
 */
#include "services/init/rights.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/kernel/child.h"

enum step { GROUP, BAR, FILES, LIMITS, BOUND, IDENTITY, CAPABILITIES, FILTER };

const char *const rights_steps[] = {
	[GROUP] = "joining its control groups",
	[BAR] = "setting NoNewPrivileges",
	[FILES] = "confining its files (LandlockRead, LandlockWrite)",
	[LIMITS] = "setting its limits (Limit...)",
	[BOUND] = "bounding its capabilities",
	[IDENTITY] = "becoming its user and group",
	[CAPABILITIES] = "setting its capabilities",
	[FILTER] = "filtering its system calls (SeccompProfile)",
};

int rights_find(const struct unit_file *unit, struct rights *rights, struct fault *fault)
{
	const struct unit_rights *asked = &unit->rights;
	bool is_other;

	*rights = (struct rights){.unit = unit, .files = -1};
	if (identity_find(unit, &rights->identity, fault) != 0)
		return -1;
	is_other = unit->user != NULL && rights->identity.user != 0;
	rights->bars = asked->bars == 1;
	if (asked->bars < 0)
		rights->bars = is_other || asked->is_capped != 0 || asked->is_landlocked != 0 ||
			       asked->filter != UNIT_FILTER_NONE;
	rights->is_capped = is_other || asked->is_capped != 0;
	rights->is_bounded = asked->is_capped != 0 || (is_other && rights->bars);
	rights->capabilities = asked->capabilities;
	if (asked->is_landlocked != 0)
		rights->files = rights_files(asked, fault);
	return asked->is_landlocked != 0 && rights->files < 0 ? -1 : 0;
}

/* One that can't be moved stays, and is as good as far as nothing takes its place. */
static void raise_one(int *fd, int lowest)
{
	int raised = *fd < 0 || *fd >= lowest ? -1 : fcntl(*fd, F_DUPFD_CLOEXEC, lowest);

	if (raised < 0)
		return;
	(void)close(*fd);
	*fd = raised;
}

void rights_raise(struct rights *rights, int lowest)
{
	raise_one(&rights->files, lowest);
	for (uint32_t i = 0; i < rights->places.count; i++)
		raise_one(&rights->places.list[i], lowest);
}

void rights_done(struct rights *rights)
{
	if (rights->files >= 0)
		(void)close(rights->files);
	group_leave(&rights->places);
}

/* --- In the new process ----------------------------------------------------------------------- */

static int set_limits(const struct unit_rights *asked)
{
	for (unsigned i = 0; i < UNIT_RLIMITS; i++) {
		const uint64_t limit[2] = {asked->rlimits[i], asked->rlimits[i]};

		if ((asked->rlimits_named >> i & 1u) != 0 &&
			syscall(SYS_prlimit64, 0, i, limit, NULL) != 0)
			return errno;
	}
	return 0;
}

/* What the kernel knows of capabilities ends where it answers EINVAL. Who may not drop them, and
 * may not gain them by starting a program either, needs not. */
static int bound(const struct rights *rights)
{
	for (unsigned i = 0; i < 64u; i++) {
		int has = prctl(PR_CAPBSET_READ, i, 0, 0, 0);

		if (has < 0)
			break;
		if (has == 0 || (rights->capabilities >> i & 1u) != 0 ||
			prctl(PR_CAPBSET_DROP, i, 0, 0, 0) == 0)
			continue;
		if (errno == EPERM && rights->bars)
			return 0;
		return errno;
	}
	return 0;
}

/* Ambient ones outlive the exec of a user who is not root. */
static int raise_ambient(uint64_t set)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
		return errno;
	for (unsigned i = 0; i < 64u; i++)
		if ((set >> i & 1u) != 0 &&
			prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) != 0)
			return errno;
	return 0;
}

static int set_capabilities(uint64_t set)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {{0}};

	data[0].effective = data[0].permitted = data[0].inheritable = (uint32_t)set;
	data[1].effective = data[1].permitted = data[1].inheritable = (uint32_t)(set >> 32);
	if (syscall(SYS_capset, &header, data) != 0)
		return errno;
	return raise_ambient(set);
}

static int join(const struct rights *rights)
{
	const struct identity *identity = &rights->identity;

	for (uint32_t i = 0; i < rights->places.count; i++)
		if (write(rights->places.list[i], "0", 1) != 1)
			return errno;
	/* Who opens /dev/stdout opens the pipe, and may, unless there is no such user. */
	if (identity->changes && rights->owns_output)
		(void)syscall(SYS_fchown, STDOUT_FILENO, identity->user, identity->group);
	return 0;
}

static int do_step(const struct rights *rights, enum step step)
{
	switch (step) {
	case GROUP:
		return join(rights);
	case BAR:
		return rights->bars && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ? errno : 0;
	case FILES:
		return rights->files >= 0 &&
				       syscall(SYS_landlock_restrict_self, rights->files, 0) != 0
			       ? errno
			       : 0;
	case LIMITS:
		return set_limits(&rights->unit->rights);
	case BOUND:
		return rights->is_bounded ? bound(rights) : 0;
	case IDENTITY:
		if (rights->is_capped && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
			return errno;
		return identity_become(&rights->identity);
	case CAPABILITIES:
		return rights->is_capped ? set_capabilities(rights->capabilities) : 0;
	case FILTER:
		return rights_filter(rights->unit->rights.filter);
	}
	return EINVAL;
}

int rights_give_up(void *data)
{
	const struct rights *rights = data;

	for (unsigned step = GROUP; step <= FILTER; step++) {
		int error = do_step(rights, (enum step)step);

		if (error != 0)
			return CHILD_AT(step, error);
	}
	return 0;
}
