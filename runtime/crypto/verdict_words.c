/* verdict_words: what verdicts are called; see verdict.h. */
#include "runtime/crypto/verdict.h"

static const struct {
	const char *word, *text;
} names[VERDICTS] = {
	[VERDICT_ACCEPTED] = {"accepted", "every check held"},
	[VERDICT_MALFORMED] = {"malformed", "it is no attestation document"},
	[VERDICT_UNSIGNED] = {"unsigned",
		"nobody has signed it: it comes from a simulated NSM (QEMU's), not from hardware"},
	[VERDICT_ALGORITHM] = {"algorithm", "it is signed by another algorithm than ES384"},
	[VERDICT_SELF_SIGNED] = {"self_signed",
		"no certificate stands behind the one that signed it"},
	[VERDICT_FIELDS] = {"fields", "a field is missing, or has a value that it can't have"},
	[VERDICT_SIGNATURE] = {"signature", "the signature is not one of its certificate over it"},
	[VERDICT_ROOT] = {"root",
		"its certificates don't begin with the root that is trusted; where it comes from a "
		"simulator, name that one's root with --root"},
	[VERDICT_CHAIN] = {"chain", "its certificates don't lead from the root to the signer"},
	[VERDICT_DEBUG] = {"debug",
		"the enclave runs in debug mode: its PCR0 is zero, and its memory and console are "
		"open to the parent instance"},
	[VERDICT_EARLY] = {"early", "a certificate is not valid yet at the time to judge at"},
	[VERDICT_EXPIRED] = {"expired", "a certificate is no longer valid at the time to judge at"},
	[VERDICT_FUTURE] = {"future", "it was made after the time to judge at"},
	[VERDICT_STALE] = {"stale", "it is older than permitted"},
	[VERDICT_NONCE] = {"nonce", "it does not hold the nonce that was asked for"},
	[VERDICT_PCR] = {"pcr", "a register does not have the value that was asked for"},
};

const char *verdict_word(enum verdict verdict)
{
	return names[verdict].word;
}

const char *verdict_text(enum verdict verdict)
{
	return names[verdict].text;
}
