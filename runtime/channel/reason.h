/* reason: the words and exit codes of the reasons, the table of that name in spec/slc.md. */
#ifndef CLOISTER_RUNTIME_CHANNEL_REASON_H
#define CLOISTER_RUNTIME_CHANNEL_REASON_H

#include <stdint.h>

#include "fsm/slc_reason.h"

/* Of those kept for proofs, the ones that no machine names. */
#define SLC_REASON_KEY     37u /* the client's key is not listed */
#define SLC_REASON_EXPIRED 38u /* its time is over */

/* The word, for `reason: WORD`; "unknown" for a number without one. Never freed. */
const char *slc_reason_word(uint32_t reason);

/* The exit codes of `pipeline` where the reason is what ended the work: of exec, and of the other
 * verbs. `none` has them too: who waited for a status did not get it. */
int slc_reason_exec_code(uint32_t reason);
int slc_reason_other_code(uint32_t reason);

#endif
