/* key_provider: private keys that a token or a TPM holds, through OpenSSL's providers. */
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <stdatomic.h>
#include <string.h>

#include "runtime/crypto/key_inside.h"

#define URI_MAX 1024u

static const struct holder {
	const char *scheme, *provider, *prefix; /* what the provider's own URIs begin with */
	const char *package, *query;
	const char *start, *find; /* what to do where it does not */
} holders[] = {
	{"pkcs11:", "pkcs11", "pkcs11:", "pkcs11-provider", "provider=pkcs11",
		"PKCS11_PROVIDER_MODULE has to name the token's module",
		"PKCS11_PROVIDER_MODULE has to name the token's module, and the PIN has to be "
		"right (?pin-source=file:PATH, or it is asked for)"},
	{"tpm:", "tpm2", "handle:", "tpm2-openssl", "provider=tpm2",
		"no TPM answers; TPM2OPENSSL_TCTI says which one is meant, and /dev/tpmrm0 is for "
		"the group tss",
		"`tpm2_getcap handles-persistent` lists what is there, and ?pass behind the handle "
		"asks for a password"},
};

/* For each of them libcrypto's own provider, and that one, once they are loaded. */
static _Atomic(OSSL_PROVIDER *) kept[sizeof holders / sizeof holders[0]][2];

static const struct holder *holder_of(const char *uri)
{
	for (size_t i = 0; i < sizeof holders / sizeof holders[0]; i++)
		if (strncmp(uri, holders[i].scheme, strlen(holders[i].scheme)) == 0)
			return &holders[i];
	return NULL;
}

/* Libcrypto's own comes first and does all that names none: a token's module may itself be a user
 * of libcrypto, and would else ask the token for what it asks libcrypto for. Both stay for the rest
 * of the program: when libcrypto lets go of a provider, the token's module may be gone. */
static int load(const struct holder *holder, struct fault *fault)
{
	const size_t at = (size_t)(holder - holders);
	OSSL_PROVIDER *own, *other = NULL;
	bool is_missing = false;

	if (atomic_load(&kept[at][1]) != NULL)
		return 0;
	ERR_clear_error();
	own = OSSL_PROVIDER_try_load(NULL, "default", 1);
	if (own != NULL)
		other = OSSL_PROVIDER_try_load(NULL, holder->provider, 1);
	if (other != NULL) {
		atomic_store(&kept[at][0], own);
		atomic_store(&kept[at][1], other);
		return 0;
	}
	for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error())
		is_missing = is_missing || ERR_GET_LIB(code) == ERR_LIB_DSO;
	if (own != NULL)
		(void)OSSL_PROVIDER_unload(own);
	if (is_missing)
		return fault_set(fault, "provider",
			"OpenSSL has no provider '%s' here, which keys named %s... need: install "
			"%s",
			holder->provider, holder->scheme, holder->package);
	return fault_set(fault, "provider", "OpenSSL's provider '%s' does not start: %s",
		holder->provider, holder->start);
}

/* A PIN is asked for on the terminal, where the URI does not say where it is. The provider itself
 * has to find the key: without the query a file that bears this name would count. */
static EVP_PKEY *find(const char *uri, const char *query)
{
	OSSL_STORE_CTX *store = OSSL_STORE_open_ex(
		uri, NULL, query, UI_get_default_method(), NULL, NULL, NULL, NULL);
	EVP_PKEY *pair = NULL;

	if (store == NULL)
		return NULL;
	(void)OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY);
	while (pair == NULL && !OSSL_STORE_eof(store)) {
		OSSL_STORE_INFO *found = OSSL_STORE_load(store);

		if (found == NULL)
			break;
		if (OSSL_STORE_INFO_get_type(found) == OSSL_STORE_INFO_PKEY)
			pair = OSSL_STORE_INFO_get1_PKEY(found);
		OSSL_STORE_INFO_free(found);
	}
	OSSL_STORE_close(store);
	return pair;
}

/* What may be told of it: providers take a PIN behind a question mark, and elsewhere too. */
static void show(const char *uri, char shown[URI_MAX])
{
	const char *pin = strcasestr(uri, "pin-");
	size_t size = strcspn(uri, "?&");

	if (pin != NULL && (size_t)(pin - uri) < size)
		size = (size_t)(pin - uri);
	(void)snprintf(shown, URI_MAX, "%.*s", (int)size, uri);
}

int key_open_held(struct key **key, const char *uri, struct fault *fault)
{
	const struct holder *holder = holder_of(uri);
	char own[URI_MAX], shown[URI_MAX];
	EVP_PKEY *pair;

	show(uri, shown);
	if (holder == NULL)
		return fault_set(fault, "key",
			"%.80s: keys are named file:PATH, PATH, pkcs11:... or tpm:HANDLE", shown);
	if (snprintf(own, sizeof own, "%s%s", holder->prefix, uri + strlen(holder->scheme)) >=
		(int)sizeof own)
		return fault_set(
			fault, "key", "the name of the key has more than %u bytes", URI_MAX - 1);
	if (load(holder, fault) != 0)
		return -1;
	pair = find(own, holder->query);
	if (pair != NULL)
		return key_of_pair(key, pair, shown, fault);
	ERR_clear_error();
	return fault_set(fault, "provider",
		"the provider '%s' finds no private key that is %.200s: %s", holder->provider,
		shown, holder->find);
}
