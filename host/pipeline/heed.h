/* heed: watches the signals that a verb acts on, but for those that whoever started us has ignored:
 * nohup and the background of a shell mean that. */
#ifndef CLOISTER_HOST_PIPELINE_HEED_H
#define CLOISTER_HOST_PIPELINE_HEED_H

#include "runtime/kernel/signals.h"

#define HEED_MAX 16u

/* Like signals_start; at most HEED_MAX numbers. */
int heed(struct signals *signals, struct loop *loop, const int *numbers, struct fault *fault);

/* Ends this process by a signal, as who waits for it expects. */
void heed_end_by(int number);

#endif
