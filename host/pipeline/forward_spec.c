/* forward_spec: see forward_spec.h. What an address is, the machine address_text says: here forms
 * are tried. */
#include "host/pipeline/forward_spec.h"

#include <stdio.h>
#include <string.h>

/* The text as it is, or as the end of one of these. */
static int try_forms(
	const char *const *forms, const char *text, struct address *address, struct fault *fault)
{
	char whole[FORWARD_SPEC_MAX + 32];
	struct fault other;

	if (address_parse(text, address, fault) == 0)
		return 0;
	for (; *forms != NULL; forms++) {
		(void)snprintf(whole, sizeof whole, "%s%s", *forms, text);
		if (address_parse(whole, address, &other) == 0)
			return 0;
	}
	return -1;
}

int forward_spec_listen(const char *text, struct address *listen, struct fault *fault)
{
	static const char *const forms[] = {"tcp:127.0.0.1:", "tcp:", NULL};

	return try_forms(forms, text, listen, fault);
}

int forward_spec_target(const char *text, struct address *target, struct fault *fault)
{
	static const char *const forms[] = {"tcp:", NULL};

	return try_forms(forms, text, target, fault);
}

int forward_spec_parse(
	const char *text, struct address *listen, struct address *target, struct fault *fault)
{
	char head[FORWARD_SPEC_MAX];
	size_t size = strlen(text);

	for (size_t i = 0; i < size && i < sizeof head; i++) {
		if (text[i] != ':')
			continue;
		memcpy(head, text, i);
		head[i] = '\0';
		if (forward_spec_listen(head, listen, fault) == 0 &&
			forward_spec_target(text + i + 1, target, fault) == 0)
			return 0;
	}
	return fault_set(fault, "usage",
		"'%.300s' is not LISTEN:TARGET, as 8080:tcp:127.0.0.1:80 or "
		"unix:/tmp/s:unix:/run/app.sock",
		text);
}
