/* verbs: what main.c calls. Each takes the arguments from its own name on, and the options that
 * stood in front of it. */
#ifndef CLOISTER_HOST_PIPELINE_VERBS_H
#define CLOISTER_HOST_PIPELINE_VERBS_H

#include "host/pipeline/options.h"

/* Return the exit code, or -1 with the failure set; a wrong command line has the word "usage". */
int verb_listen(struct options *options, int count, char **arguments, struct failure *failure);
int verb_exec(struct options *options, int count, char **arguments, struct failure *failure);
int verb_shell(struct options *options, int count, char **arguments, struct failure *failure);
int verb_ps(struct options *options, int count, char **arguments, struct failure *failure);
int verb_logs(struct options *options, int count, char **arguments, struct failure *failure);
int verb_kill(struct options *options, int count, char **arguments, struct failure *failure);
int verb_wait(struct options *options, int count, char **arguments, struct failure *failure);
int verb_cp(struct options *options, int count, char **arguments, struct failure *failure);
int verb_ping(struct options *options, int count, char **arguments, struct failure *failure);
int verb_forward(struct options *options, int count, char **arguments, struct failure *failure);
int verb_proxy(struct options *options, int count, char **arguments, struct failure *failure);
int verb_attest(struct options *options, int count, char **arguments, struct failure *failure);
int verb_audit(struct options *options, int count, char **arguments, struct failure *failure);
int verb_keygen(struct options *options, int count, char **arguments, struct failure *failure);
int verb_permit(struct options *options, int count, char **arguments, struct failure *failure);

/* By other words: names.c. */
int verb_run(struct options *options, int count, char **arguments, struct failure *failure);
int verb_copy(struct options *options, int count, char **arguments, struct failure *failure);
int verb_shell_sh(struct options *options, int count, char **arguments, struct failure *failure);
int verb_pipeline_dir(
	struct options *options, int count, char **arguments, struct failure *failure);

#endif
