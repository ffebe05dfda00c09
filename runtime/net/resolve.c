/* resolve: addresses as the kernel takes them. See address.h. */
#include <arpa/inet.h>
#include <linux/vm_sockets.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include "runtime/net/address.h"

bool address_is_name(const struct address *address)
{
	struct in_addr v4;

	return address->kind == ADDRESS_TCP && inet_pton(AF_INET, address->text, &v4) != 1;
}

/* The next free place of the list, as a name of `size` bytes; null where the list is full. */
static void *add(struct endpoints *endpoints, socklen_t size)
{
	struct endpoint *endpoint;

	if (endpoints->count == ADDRESS_ENDPOINTS_MAX)
		return NULL;
	endpoint = &endpoints->list[endpoints->count++];
	endpoint->size = size;
	return &endpoint->name;
}

static void add_vsock(const struct address *address, struct endpoints *endpoints)
{
	struct sockaddr_vm *name = add(endpoints, sizeof *name);

	name->svm_family = AF_VSOCK;
	name->svm_cid = address->cid;
	name->svm_port = address->port;
}

/* An abstract name begins with a NUL and has its size for an end. */
static void add_abstract(const struct address *address, struct endpoints *endpoints)
{
	size_t length = strlen(address->text);
	struct sockaddr_un *name =
		add(endpoints, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length));

	name->sun_family = AF_UNIX;
	memcpy(name->sun_path + 1, address->text, length);
}

static void add_v4(const struct address *address, struct endpoints *endpoints)
{
	struct sockaddr_in *name = add(endpoints, sizeof *name);

	name->sin_family = AF_INET;
	name->sin_port = htons((uint16_t)address->port);
	(void)inet_pton(AF_INET, address->text, &name->sin_addr);
}

static void add_v6(const struct address *address, struct endpoints *endpoints)
{
	struct sockaddr_in6 *name = add(endpoints, sizeof *name);

	name->sin6_family = AF_INET6;
	name->sin6_port = htons((uint16_t)address->port);
	(void)inet_pton(AF_INET6, address->text, &name->sin6_addr);
}

#ifdef CLOISTER_STATIC
/* PID 1 and initctl name no hosts, and a resolver would be no small part of them. */
static int look_up(const struct address *address, struct endpoints *endpoints, struct fault *fault)
{
	(void)endpoints;
	return fault_set(fault, "name", "the host '%s' is not looked up here: name its number",
		address->text);
}
#else
static int look_up(const struct address *address, struct endpoints *endpoints, struct fault *fault)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
	char port[16];
	int error;

	(void)snprintf(port, sizeof port, "%u", address->port);
	error = getaddrinfo(address->text, port, &hints, &found);
	if (error != 0)
		return fault_set(fault, "name", "cannot look up the host '%s': %s", address->text,
			gai_strerror(error));
	for (struct addrinfo *one = found; one != NULL; one = one->ai_next) {
		void *name;

		if (one->ai_addrlen > sizeof(struct sockaddr_storage))
			continue;
		name = add(endpoints, one->ai_addrlen);
		if (name == NULL)
			break;
		memcpy(name, one->ai_addr, one->ai_addrlen);
	}
	freeaddrinfo(found);
	return 0;
}
#endif

int address_resolve(const struct address *address, struct endpoints *endpoints, struct fault *fault)
{
	memset(endpoints, 0, sizeof *endpoints);
	switch (address->kind) {
	case ADDRESS_VSOCK:
		add_vsock(address, endpoints);
		break;
	case ADDRESS_ABSTRACT:
		add_abstract(address, endpoints);
		break;
	case ADDRESS_TCP6:
		add_v6(address, endpoints);
		break;
	case ADDRESS_TCP:
		if (address_is_name(address))
			return look_up(address, endpoints, fault);
		add_v4(address, endpoints);
		break;
	case ADDRESS_UNIX:
	case ADDRESS_HYBRID:
	case ADDRESS_STAND_IN:
		break;
	}
	return 0;
}
