/* boot: what PID 1 does from its first instruction until all units are up. Page: spec/boot.md. */
#ifndef CLOISTER_FSM_BOOT_H
#define CLOISTER_FSM_BOOT_H

#include <stdint.h>

#include "fsm/boot_event.h"

#define BOOT_CRITICAL 6u /* steps without which no unit may start */

/* The steps in their order; the one in flight is the field timer, and failed keeps it. */
enum boot_number {
	BOOT_NUMBER_DEVICES = 1,
	BOOT_NUMBER_CONSOLE = 2,
	BOOT_NUMBER_NSM = 3,
	BOOT_NUMBER_HEARTBEAT = 4,
	BOOT_NUMBER_CONFIGURATION = 5,
	BOOT_NUMBER_ROOT = 6,
	BOOT_NUMBER_MOUNTS = 7,
	BOOT_NUMBER_NETWORK = 8,
	BOOT_NUMBER_MEASURE = 9,
	BOOT_NUMBER_UNITS = 10
};

/* What the plumbing must do after an event, lowest bit first. Each effect that begins a step is
 * answered by DONE, ABSENT or FAILED with n = the value that timer has after this event. */
enum boot_effect {
	BOOT_DO_ABANDON = 1,        /* close what the step that was in flight holds */
	BOOT_DO_WARN = 2,           /* log that the step failed or is late; boot goes on */
	BOOT_DO_DEVICES = 4,        /* mount devtmpfs on /dev */
	BOOT_DO_CONSOLE = 8,        /* open /dev/console as 0, 1 and 2 */
	BOOT_DO_NSM = 16,           /* load and remove /nsm.ko where present, then ask /dev/nsm */
	BOOT_DO_HEARTBEAT = 32,     /* 0xB7 to CID 3, port 9000; DONE when 0xB7 has come back */
	BOOT_DO_CONFIGURATION = 64, /* read the units, or /cmd and /env */
	BOOT_DO_ROOT = 128,         /* make /rootfs the root */
	BOOT_DO_MOUNTS = 256,       /* the mounts of the new root, /dev and /proc first */
	BOOT_DO_NETWORK = 512,      /* loopback up, host name */
	BOOT_DO_MEASURE = 1024,     /* extend PCR 16 with what will be started, and lock it */
	BOOT_DO_UNITS = 2048,       /* start the units */
	BOOT_DO_ARM = 4096,         /* start the step's timer; it comes back with n = timer */
	BOOT_DO_READY = 8192,       /* say so to CID 3, port 9002 */
	BOOT_DO_REPORT = 16384,     /* log which step failed and why; nothing more is started */
	BOOT_DO_SHUT_DOWN = 32768   /* give up what is in flight; to the machine shutdown */
};

struct boot {
	int cs;
	uint32_t timer;   /* number of the step in flight; its answers and its timer carry it */
	uint32_t secured; /* critical steps that have succeeded, 0..BOOT_CRITICAL */
};

void boot_init(struct boot *m);

/* One event; n is what it carries (page: Alphabet), 0 where it carries nothing. Returns effects. */
uint32_t boot_step(struct boot *m, enum boot_event event, uint32_t n);

#endif
