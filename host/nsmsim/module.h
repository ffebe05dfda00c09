/* module: the simulated NSM itself: a request goes in, a reply comes out. It knows no sockets. */
#ifndef CLOISTER_HOST_NSMSIM_MODULE_H
#define CLOISTER_HOST_NSMSIM_MODULE_H

#include "host/nsmsim/bank.h"
#include "host/nsmsim/issuer.h"

#define MODULE_REQUEST_MAX 4096u
#define MODULE_REPLY_MAX   12288u

struct module {
	const char *id; /* borrowed */
	struct bank bank;
	struct issuer issuer;
	int64_t (*now)(void); /* milliseconds since 1970 */
};

/* Answers a request of any bytes and size: reply[0..the result), an error among them. */
size_t module_answer(struct module *module, const uint8_t *request, size_t size,
	uint8_t reply[MODULE_REPLY_MAX]);

#endif
