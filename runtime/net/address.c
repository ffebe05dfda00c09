/* address: reads and writes the words of addresses. See address.h. */
#include "runtime/net/address.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "gen/address_text.h"
#include "runtime/kernel/machine.h"

MACHINE_BYTES(address_text)

/* Why a text was refused, by the state in which the machine ended; null if it was not. */
static const char *const reasons[] = {
	[ADDRESS_TEXT_IN_BAD_SCHEME] = "it must begin with vsock:, unix:, tcp: or hybrid:",
	[ADDRESS_TEXT_IN_BAD_CID] = "the CID must be 'any' or 0 to 4294967295, and a port follows",
	[ADDRESS_TEXT_IN_BAD_PORT] = "it must end in a port, 0 to 65535 of tcp, else 4294967295",
	[ADDRESS_TEXT_IN_BAD_HOST] = "the host must be letters, digits, '-', '.', '_', or [IPV6]",
	[ADDRESS_TEXT_IN_BAD_PATH] = "the path is missing",
	[ADDRESS_TEXT_IN_TOO_LONG] = "a path has at most 4095 bytes, a @name 107, a host 253",
	[ADDRESS_TEXT_IN_DONE] = NULL,
};

static int refuse(struct fault *fault, const char *text, const char *reason)
{
	return fault_set(fault, "address", "'%.200s' is no address: %s", text, reason);
}

/* inet_pton decides what a numeric host is, and inet_aton names those that only look like one. */
static const char *why_not_host(const struct address *address)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (address->kind == ADDRESS_TCP6 && inet_pton(AF_INET6, address->text, &v6) != 1)
		return "there is no IPv6 address in the brackets";
	if (address->kind == ADDRESS_TCP && inet_aton(address->text, &v4) != 0 &&
		inet_pton(AF_INET, address->text, &v4) != 1)
		return "an IPv4 address has four decimal numbers";
	return NULL;
}

int address_parse(const char *text, struct address *address, struct fault *fault)
{
	struct address_text m;
	const char *reason;

	memset(address, 0, sizeof *address);
	address_text_init(&m);
	(void)address_text_drive(&m, 0, (const uint8_t *)text, strlen(text) + 1);
	reason = reasons[m.cs];
	if (reason != NULL)
		return refuse(fault, text, reason);
	address->kind = (enum address_kind)m.kind;
	address->cid = m.cid;
	address->port = m.port;
	memcpy(address->text, text + m.first, m.length);
	reason = why_not_host(address);
	return reason == NULL ? 0 : refuse(fault, text, reason);
}

int address_stand_in(struct address *address, const char *folder, struct fault *fault)
{
	if (address->kind != ADDRESS_VSOCK || folder == NULL || *folder == '\0')
		return 0;
	if (strlen(folder) > ADDRESS_TEXT_PATH_MAX)
		return fault_set(fault, "address",
			"the path of the folder of stand-ins for vsock is longer than %u bytes",
			ADDRESS_TEXT_PATH_MAX);
	address->kind = ADDRESS_STAND_IN;
	(void)snprintf(address->text, sizeof address->text, "%s", folder);
	return 0;
}

static void print_vsock(const struct address *address, char text[ADDRESS_TEXT_MAX])
{
	if (address->cid == ADDRESS_TEXT_CID_ANY)
		(void)snprintf(text, ADDRESS_TEXT_MAX, "vsock:any:%" PRIu32, address->port);
	else
		(void)snprintf(text, ADDRESS_TEXT_MAX, "vsock:%" PRIu32 ":%" PRIu32, address->cid,
			address->port);
}

void address_print(const struct address *address, char text[ADDRESS_TEXT_MAX])
{
	switch (address->kind) {
	case ADDRESS_VSOCK:
	case ADDRESS_STAND_IN:
		print_vsock(address, text);
		break;
	case ADDRESS_UNIX:
		(void)snprintf(text, ADDRESS_TEXT_MAX, "unix:%s", address->text);
		break;
	case ADDRESS_ABSTRACT:
		(void)snprintf(text, ADDRESS_TEXT_MAX, "unix:@%s", address->text);
		break;
	case ADDRESS_TCP:
		(void)snprintf(
			text, ADDRESS_TEXT_MAX, "tcp:%s:%" PRIu32, address->text, address->port);
		break;
	case ADDRESS_TCP6:
		(void)snprintf(
			text, ADDRESS_TEXT_MAX, "tcp:[%s]:%" PRIu32, address->text, address->port);
		break;
	case ADDRESS_HYBRID:
		(void)snprintf(
			text, ADDRESS_TEXT_MAX, "hybrid:%s:%" PRIu32, address->text, address->port);
		break;
	}
}
