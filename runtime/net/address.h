/* address: where a peer listens, or where we do, in the words of spec/address_text.md.
 *
 * An address is a value: it holds no pointers, owns nothing and may be copied.
 */
#ifndef CLOISTER_RUNTIME_NET_ADDRESS_H
#define CLOISTER_RUNTIME_NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "fsm/address_text.h"
#include "runtime/kernel/fault.h"

#define ADDRESS_TEXT_MAX      (ADDRESS_TEXT_SIZE_MAX + 1u) /* bytes with the NUL */
#define ADDRESS_ENDPOINTS_MAX 8u

enum address_kind {
	ADDRESS_VSOCK = ADDRESS_TEXT_VSOCK,
	ADDRESS_UNIX = ADDRESS_TEXT_UNIX,
	ADDRESS_ABSTRACT = ADDRESS_TEXT_ABSTRACT,
	ADDRESS_TCP = ADDRESS_TEXT_HOST, /* a name or an IPv4 address */
	ADDRESS_TCP6 = ADDRESS_TEXT_V6,
	ADDRESS_HYBRID = ADDRESS_TEXT_HYBRID,
	ADDRESS_STAND_IN /* a vsock address for which a Unix socket stands in */
};

struct address {
	enum address_kind kind;
	uint32_t cid;
	uint32_t port;
	char text[ADDRESS_TEXT_PATH_MAX + 1]; /* path, name or host; stand-in: its folder */
};

/* An address as the kernel takes it. */
struct endpoint {
	struct sockaddr_storage name;
	socklen_t size;
};

/* What an address came to, in the order in which to try it. */
struct endpoints {
	unsigned count;
	struct endpoint list[ADDRESS_ENDPOINTS_MAX];
};

/* Fault: "address". An IPv4 address is one in its usual form only: what old functions also take
 * for one, as 127.1 or 0x7f000001, is refused and not looked up. */
int address_parse(const char *text, struct address *address, struct fault *fault);

/* Writes the words that address_parse takes; a stand-in has those of its vsock address. */
void address_print(const struct address *address, char text[ADDRESS_TEXT_MAX]);

/* Has the Unix socket FOLDER/CID/PORT stand in for a vsock address; FOLDER/any/PORT where its CID
 * is `any`. Other addresses, and all where folder is null or "", stay as they are. The program
 * reads CLOISTER_VSOCK_DIR once and passes it in. Symbolic links are followed on the way to the
 * folder, and none behind it. Fault: "address". */
int address_stand_in(struct address *address, const char *folder, struct fault *fault);

/* Whether address_resolve has to ask the resolver. */
bool address_is_name(const struct address *address);

/* The endpoints of a tcp, vsock or abstract address; what stands in the file system has none, and
 * count is 0. A name is looked up, which BLOCKS for as long as the resolver likes: that is for
 * workers and for the time before the loop runs. At most ADDRESS_ENDPOINTS_MAX are kept.
 * Fault: "name". */
int address_resolve(
	const struct address *address, struct endpoints *endpoints, struct fault *fault);

#endif
