/* helper: see helper.h. */
#include "services/init/helper.h"

#include <signal.h>
#include <stddef.h>

#include "runtime/kernel/log.h"
#include "services/init/units.h"

static struct helper *of_child(struct child *child)
{
	return (struct helper *)((char *)child - offsetof(struct helper, child));
}

static void started(struct child *child)
{
	(void)child;
}

static void could_not(struct helper *helper, const struct fault *fault)
{
	LOG(LOG_ERROR, "a command of a unit can't be started",
		log_string("unit", helper->one->file.name), log_string("reason", fault->word),
		log_string("fault", fault->text));
	if (!helper->is_given_up)
		helper->ended(helper, false);
}

static void failed(struct child *child, const struct fault *fault)
{
	could_not(of_child(child), fault);
}

static void ended(struct child *child, int code_or_signal, bool was_signal)
{
	struct helper *helper = of_child(child);
	struct fault fault = {0};

	(void)child_signal_group(child, SIGKILL, &fault);
	child_reap(child);
	if (!helper->is_given_up)
		helper->ended(helper, !was_signal && code_or_signal == 0);
}

void helper_start(struct helper *helper, const struct unit_command *command)
{
	struct fault fault = {0};

	helper->is_given_up = false;
	helper->child.started = started;
	helper->child.failed = failed;
	helper->child.ended = ended;
	if (!units_may_spawn(helper->one, true, &fault) ||
		unit_spawn_helper(helper->one, &helper->child, command->words, &fault) != 0)
		could_not(helper, &fault);
}

bool helper_runs(const struct helper *helper)
{
	return helper->child.pid != 0;
}

void helper_give_up(struct helper *helper)
{
	struct fault fault = {0};

	helper->is_given_up = true;
	if (helper_runs(helper))
		(void)child_signal_group(&helper->child, SIGKILL, &fault);
}
