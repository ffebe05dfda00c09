/* key_provider: private keys that a token or a TPM holds, through OpenSSL's providers. */
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <string.h>

#include "runtime/crypto/key_inside.h"

#define URI_MAX 1024u

static const struct holder {
	const char *scheme, *provider, *prefix; /* what the provider's own URIs begin with */
	const char *advice;
} holders[] = {
	{"pkcs11:", "pkcs11", "pkcs11:",
		"install pkcs11-provider, and name the token's module in PKCS11_PROVIDER_MODULE"},
	{"tpm:", "tpm2", "handle:", "install tpm2-openssl"},
};

static const struct holder *holder_of(const char *uri)
{
	for (size_t i = 0; i < sizeof holders / sizeof holders[0]; i++)
		if (strncmp(uri, holders[i].scheme, strlen(holders[i].scheme)) == 0)
			return &holders[i];
	return NULL;
}

/* Both stay loaded for the rest of the program: the key needs them. */
static int load(const struct holder *holder, struct fault *fault)
{
	if (OSSL_PROVIDER_available(NULL, holder->provider) == 1)
		return 0;
	if (OSSL_PROVIDER_load(NULL, "default") != NULL &&
		OSSL_PROVIDER_load(NULL, holder->provider) != NULL)
		return 0;
	ERR_clear_error();
	return fault_set(fault, "provider",
		"OpenSSL has no provider '%s' here, which keys named %s... need: %s",
		holder->provider, holder->scheme, holder->advice);
}

/* A PIN is asked for on the terminal, where the URI does not say where it is. */
static EVP_PKEY *find(const char *uri)
{
	OSSL_STORE_CTX *store = OSSL_STORE_open(uri, UI_get_default_method(), NULL, NULL, NULL);
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

int key_open_held(struct key **key, const char *uri, struct fault *fault)
{
	const struct holder *holder = holder_of(uri);
	char own[URI_MAX];
	EVP_PKEY *pair;

	if (holder == NULL)
		return fault_set(fault, "key",
			"%.80s: keys are named file:PATH, PATH, pkcs11:... or tpm:HANDLE", uri);
	if (load(holder, fault) != 0)
		return -1;
	if (snprintf(own, sizeof own, "%s%s", holder->prefix, uri + strlen(holder->scheme)) >=
		(int)sizeof own)
		return fault_set(
			fault, "key", "the name of the key has more than %u bytes", URI_MAX - 1);
	pair = find(own);
	if (pair == NULL) {
		ERR_clear_error();
		return fault_set(fault, "provider",
			"the provider '%s' finds no private key that is %.200s", holder->provider,
			uri);
	}
	return key_of_pair(key, pair, uri, fault);
}
